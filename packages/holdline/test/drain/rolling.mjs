// Two instances of B behind a real proxy are restarted in turn, under load. On loopback, for it is the order of things that
// is tried here.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { searchPath } from '../packets/needs.mjs';
import { ask, FRONTS, startLoad } from './load.mjs';
import { proxies } from './proxies.mjs';

/** Short, so that 200 restarts are minutes; the order is that of the real ones. */
const POOL_IDLE_MS = 300;
export const ROLLING = {
  hardening: { keepAliveTimeoutMs: 700, keepAliveBufferMs: 200, clientIdleMs: POOL_IDLE_MS, lingerMs: 500 },
  draining: { noticeMs: 400, longestRequestMs: 500 },
};
/** After the proxy has used an instance again. */
const SETTLE_MS = 100;
const WITHIN_MS = 20_000;
const program = fileURLToPath(new URL('rolling-b.mjs', import.meta.url));
const env = { ...process.env, PATH: searchPath };
const children = new Set();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * @param trial - `{ proxy, way, restarts, perSecond, dir, port }`; `port` and the three after it are used.
 * @param tell - Is told how far it is.
 * @returns `{ proxy, way, restarts, cut, slowestMs, clients }`: `cut` of the restarts told by their exit code that something was
 * cut; `clients` as of `load.mjs`.
 */
export async function rolling({ proxy, way, restarts, perSecond, dir, port }, tell = () => {}) {
  mkdirSync(dir, { recursive: true });
  const backends = [port, port + 1];
  const ports = { plain: port + 2, holdline: port + 3 };
  const fronts = Object.entries(ports).map(([client, at]) => ({ port: at, idleMs: FRONTS[client] }));
  const running = new Map();
  for (const each of backends) running.set(each, await startB(each, way));
  const configured = proxies[proxy]({ dir, fronts, backends, poolIdleMs: POOL_IDLE_MS });
  const front = followed(spawn(...configured, { env, stdio: 'ignore' }));
  await answering(ports.plain, front);
  const load = startLoad({ ports, perSecond });
  const found = { proxy, way, restarts, cut: 0, slowestMs: 0 };
  for (let i = 0; i < restarts; i++) {
    tell(`${proxy}, ${way}: restart ${i + 1} of ${restarts}`);
    const at = backends[i % 2];
    const begunMs = performance.now();
    const code = await ended(running.get(at), 'SIGTERM');
    if (code !== 0) found.cut++;
    found.slowestMs = Math.max(found.slowestMs, performance.now() - begunMs);
    running.set(at, await startB(at, way));
    await running.get(at).used;
    await sleep(SETTLE_MS);
  }
  const clients = await load.stop();
  for (const child of [...running.values(), front]) await ended(child, 'SIGKILL');
  return { ...found, clients };
}

async function startB(port, way) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  const child = followed(fork(program, [String(port), way, JSON.stringify(ROLLING)], { stdio }));
  child.used = said(child, 'used');
  await said(child, 'listening');
  return child;
}

/** It has said so. */
function said(child, word) {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new Error(`An instance of B did not say within ${WITHIN_MS / 1000} s that it was ${word}.`));
    const limit = setTimeout(late, WITHIN_MS);
    child.on('message', (message) => {
      if (message !== word) return;
      clearTimeout(limit);
      resolve();
    });
    child.once('exit', () => clearTimeout(limit));
  });
}

/** Its exit code; one that does not go is killed, which counts as cut. */
async function ended(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, 'exit');
  child.kill(signal);
  const limit = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
  const [code] = await gone;
  clearTimeout(limit);
  return code;
}

async function answering(port, front) {
  for (;;) {
    const failure = await new Promise((resolve) => ask({ port }, resolve));
    if (failure === undefined) return;
    if (front.exitCode !== null) throw new Error(`The proxy ended with ${front.exitCode} before it answered.`);
    await sleep(20);
  }
}

function followed(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}
