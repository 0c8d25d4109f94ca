// The processes: B, and one client for each arm. Arms in one process would share call sites that each arm's types make
// megamorphic, so that all would run slower than any does in a program of its own; and one arm's garbage would be
// collected in another's block. So each arm has a process, all stay alive, and they take turns.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BLOCK_LIMIT_MS = 180_000;

const ca = fileURLToPath(new URL('../packages/holdline/test/sockets/fixtures/ca.crt', import.meta.url));
// What the caller's shell says must not change an arm. The certificate is trusted as one of the system would be: given to
// each request it would be part of the name under which Node's agents look for a connection, each time.
const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca };
delete env.HOLDLINE;
delete env.NODE_OPTIONS;

/** Starts B. @returns Its ports, and how to end it. */
export async function startServer() {
  const child = start('server.mjs', []);
  const ports = await answerOf(child);
  return { ports, end: () => end(child) };
}

/** Starts the process of an arm. */
export function startWorker(target) {
  const child = start('worker.mjs', target.kind === 'heap' ? ['--expose-gc'] : []);
  return {
    /** Its turn: runs one block. @returns What it measured. */
    run: (block) => {
      child.send({ target, block });
      return answerOf(child);
    },
    end: () => end(child),
  };
}

function start(name, execArgv) {
  return fork(new URL(name, import.meta.url), { env, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

async function answerOf(child) {
  const over = new AbortController();
  const limit = AbortSignal.timeout(BLOCK_LIMIT_MS);
  const { signal } = over;
  try {
    const exit = once(child, 'exit', { signal }).then(([code, name]) => {
      throw new Error(`A process of the bench ended with ${code ?? name} instead of an answer; see above.`);
    });
    const late = once(limit, 'abort', { signal }).then(() => {
      throw new Error(`A process of the bench gave no answer within ${BLOCK_LIMIT_MS / 1_000} s.`);
    });
    const [answer] = await Promise.race([once(child, 'message', { signal }), exit, late]);
    return answer;
  } finally {
    over.abort();
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
