import { type ChildProcess, spawn } from 'node:child_process';
import { lineWriter, readLines } from './lines.js';
import type { FromClient, ToClient } from './protocol.js';
import type { ClientSpec } from './roles.js';

/** What became of a request, or a replay of it. */
export type Outcome = Exclude<FromClient, { readonly type: 'ready' }>;

/** A client that runs, for all rounds of a suite. */
export interface ClientProcess {
  readonly spec: ClientSpec;
  /** What it told of itself. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why it can no longer be used; undefined while it can. */
  readonly failure: string | undefined;
  /** Starts a round; resolves when the client is ready, or has failed. */
  begin(
    round: Omit<Extract<ToClient, { readonly type: 'round' }>, 'type'>,
    take: (outcome: Outcome) => void,
  ): Promise<void>;
  send(message: Exclude<ToClient, { readonly type: 'round' }>): void;
  /** Takes nothing more of this round. */
  leave(): void;
  /** Ends the process; resolves when it has ended. */
  end(): Promise<void>;
}

/** Starting a Node process with some packages takes a second, and longer where many start at once. */
const READY_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 2_000;

/**
 * Starts a client.
 *
 * @param prefix - Words of a command that runs it on A's side of the link.
 */
export function startClient(spec: ClientSpec, prefix: readonly string[]): ClientProcess {
  const [command = '', ...words] = [...prefix, ...spec.command];
  // HOLDLINE would override what the client sets; NODE_OPTIONS may preload what changes http.
  const { HOLDLINE: _mode, NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...env, ...spec.env } });
  const { stdin, stdout, stderr } = child;
  stdin.on('error', () => {}); // it has ended: that is told by its exit
  const tell: (message: ToClient) => void = lineWriter((lines) => stdin.write(lines));
  let versions: Readonly<Record<string, string>> = {};
  let failure: string | undefined;
  let take: ((outcome: Outcome) => void) | undefined;
  let settle: (() => void) | undefined;
  let complaint = '';

  const fail = (why: string) => {
    failure ??= why;
    settle?.();
  };
  stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk}`.slice(-500)));
  const ended = onceEnded(child).then((how) => fail(`it ended (${how})${complaint && `: ${complaint.trim()}`}`));
  readLines(stdout, (line) => {
    const message = parse(line);
    if (!message) fail(`it wrote what is no line of the protocol: ${line.slice(0, 80)}`);
    else if (message.type === 'ready') {
      versions = message.versions ?? {};
      settle?.();
    } else take?.(message);
  });
  return {
    spec,
    get versions() {
      return versions;
    },
    get failure() {
      return failure;
    },
    async begin(round, outcome) {
      if (failure !== undefined) return;
      tell({ type: 'round', ...round });
      await new Promise<void>((resolve) => {
        const late = setTimeout(
          () => fail(`it did not say \`ready\` within ${READY_WITHIN_MS / 1_000} s`),
          READY_WITHIN_MS,
        );
        settle = () => {
          clearTimeout(late);
          resolve();
        };
      });
      take = outcome;
    },
    send: tell,
    leave() {
      take = undefined;
    },
    async end() {
      stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

const TYPES: ReadonlySet<unknown> = new Set<FromClient['type']>(['ready', 'answered', 'failed', 'replayed']);

function parse(line: string): FromClient | undefined {
  try {
    const message = JSON.parse(line) as FromClient;
    const known = typeof message === 'object' && message !== null && TYPES.has(message.type);
    return known && (message.type === 'ready' || typeof message.id === 'string') ? message : undefined;
  } catch {
    return undefined;
  }
}

function onceEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}
