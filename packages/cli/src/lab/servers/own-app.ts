import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunningServer, ServerContext, ServerProcess } from '../roles.js';
import { type AppSettings, SETTINGS_VARIABLE } from './app/settings.js';

/**
 * A program of ours that executes requests: it finds {@link AppSettings} in the environment, and prints
 * `listening {…}` with the port of each client.
 */
export interface App {
  readonly command: string;
  readonly words: readonly string[];
}

/** Our program in Node; it stands beside this file once it is built. */
export function nodeApp(script = 'node.js', node = process.execPath): App {
  return { command: node, words: [fileURLToPath(new URL(`./app/${script}`, import.meta.url))] };
}

/** What runs, and is started again whenever it ends by itself: a crash is what it may be told to do. */
export type Running = Omit<RunningServer, 'version'>;

/** Where what stands behind a proxy listens. */
export const LOOPBACK = '127.0.0.1';

/** How long a graceful end may take before it is killed. */
const GRACE_MS = 5_000;

/** Starts a program of ours where A finds it. */
export function startApp(app: App, context: ServerContext): Promise<Running> {
  return start(app, context, {
    host: context.host,
    hint: context.hint,
    behindProxy: false,
    ...(context.idleLimitMs !== undefined && { idleLimitMs: context.idleLimitMs }),
    ...(context.maxRequestsPerConnection !== undefined && {
      maxRequestsPerConnection: context.maxRequestsPerConnection,
    }),
  });
}

/** Starts our program in Node behind a proxy: it never closes a connection by itself, so that all that A meets is the proxy's. */
export function startBehindProxy(context: ServerContext): Promise<Running> {
  return start(nodeApp(), context, { host: LOOPBACK, hint: false, behindProxy: true });
}

type Place = Omit<AppSettings, 'clients' | 'ledgerPath' | 'obeyedPath' | 'ports'>;

function start(app: App, context: ServerContext, place: Place): Promise<Running> {
  const { clients, ledgerPath, directory } = context;
  const settings: AppSettings = { clients, ledgerPath, obeyedPath: join(directory, 'obeyed'), ...place };
  let ports: Readonly<Record<string, number>> | undefined;
  return supervise(async () => {
    const told = JSON.stringify({ ...settings, ...(ports && { ports }) });
    const process = context.spawn(app.command, app.words, { [SETTINGS_VARIABLE]: told });
    const [, listening = ''] = await process.said(/^listening (.+)$/);
    ports ??= JSON.parse(listening) as Record<string, number>;
    return { process, ports };
  });
}

/** A process that was started, and where it listens. */
export interface Started {
  readonly process: ServerProcess;
  readonly ports: Readonly<Record<string, number>>;
}

/** Keeps one process running until it is stopped. */
export async function supervise(startOne: () => Promise<Started>): Promise<Running> {
  const { process: first, ports } = await startOne();
  /** The process that is to run; whoever ends it on purpose takes it away first. */
  let current: ServerProcess | undefined = first;
  let starting: Promise<void> = Promise.resolve();
  let failure: unknown;
  const watch = async (process: ServerProcess) => {
    await process.ended;
    if (process === current) again();
  };
  const again = () => {
    current = undefined;
    starting = startAgain();
  };
  const startAgain = async () => {
    try {
      const { process } = await startOne();
      current = process;
      void watch(process);
    } catch (error) {
      failure = error;
    }
  };
  void watch(first);
  const endCurrent = async (signal: NodeJS.Signals) => {
    await starting;
    const process = current;
    current = undefined;
    if (process) await end(process, signal);
  };
  return {
    ports,
    async restart() {
      await endCurrent('SIGTERM');
      again();
      await starting;
    },
    pause: () => current?.kill('SIGSTOP'),
    resume: () => current?.kill('SIGCONT'),
    async stop() {
      await endCurrent('SIGTERM');
      if (failure) throw new Error('B could not be started again', { cause: failure });
    },
  };
}

/** Ends a process, if need be the hard way. */
export async function end(process: ServerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  process.kill('SIGCONT');
  process.kill(signal);
  const kill = setTimeout(() => process.kill('SIGKILL'), GRACE_MS);
  await process.ended;
  clearTimeout(kill);
}

/** What a command prints of its version, or the error. */
export async function versionOf(command: string, words: readonly string[], pattern: RegExp): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, words);
  const [, version] = pattern.exec(stdout + stderr) ?? [];
  if (version === undefined) throw new Error(`${command} ${words.join(' ')} told no version: ${stdout}${stderr}`);
  return version;
}
