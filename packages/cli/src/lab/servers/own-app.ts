import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunningServer, ServerContext, ServerProcess } from '../roles.js';
import type { AppSettings } from './app/settings.js';

/** A program of ours that executes requests: it takes {@link AppSettings} and prints `listening {…}`. */
export interface App {
  readonly command: string;
  /** Before the settings. */
  readonly words: readonly string[];
}

/** What it is started with besides what the context says. */
export type AppPlace = Partial<Pick<AppSettings, 'host' | 'behindProxy' | 'idleLimitMs'>>;

/** Our program in Node; it stands beside this file once it is built. */
export function nodeApp(script = 'node.js', node = process.execPath): App {
  return { command: node, words: [fileURLToPath(new URL(`./app/${script}`, import.meta.url))] };
}

/** A program of ours that runs, and is started again whenever it ends by itself: a crash is what it may be told to do. */
export interface RunningApp extends Omit<RunningServer, 'version'> {}

/** How long a graceful end may take before it is killed. */
const GRACE_MS = 5_000;

/** Starts a program of ours. */
export async function startApp(app: App, context: ServerContext, place: AppPlace = {}): Promise<RunningApp> {
  const settings: AppSettings = {
    clients: context.clients,
    host: context.host,
    ledgerPath: context.ledgerPath,
    obeyedPath: join(context.directory, 'obeyed'),
    hint: context.hint,
    behindProxy: false,
    ...(context.idleLimitMs !== undefined && { idleLimitMs: context.idleLimitMs }),
    ...(context.maxRequestsPerConnection !== undefined && {
      maxRequestsPerConnection: context.maxRequestsPerConnection,
    }),
    ...place,
  };
  let ports: Readonly<Record<string, number>> | undefined;
  const start = async (): Promise<ServerProcess> => {
    const told = JSON.stringify({ ...settings, ...(ports && { ports }) });
    const process = context.spawn(app.command, [...app.words, told]);
    const [, listening = ''] = await process.said(/^listening (.+)$/);
    ports ??= JSON.parse(listening) as Record<string, number>;
    return process;
  };
  return supervise(start, () => ports ?? {});
}

/** Keeps one process running until it is stopped. */
async function supervise(
  start: () => Promise<ServerProcess>,
  ports: () => Readonly<Record<string, number>>,
): Promise<RunningApp> {
  /** The process that is to run; whoever ends it on purpose puts another here first. */
  let current: ServerProcess | undefined = await start();
  let starting: Promise<void> = Promise.resolve();
  let failure: unknown;
  const watch = (process: ServerProcess) => {
    void process.ended.then(() => {
      if (process === current) again();
    });
  };
  const again = () => {
    current = undefined;
    starting = start()
      .then((process) => {
        current = process;
        watch(process);
      })
      .catch((error: unknown) => {
        failure = error;
      });
  };
  watch(current);
  const endCurrent = async (signal: NodeJS.Signals) => {
    await starting;
    const process = current;
    current = undefined;
    if (process) await end(process, signal);
  };
  return {
    get ports() {
      return ports();
    },
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
