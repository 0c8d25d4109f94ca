import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A Node process of the demo that speaks by messages. */
export interface Child<To, From extends { readonly type: string }> {
  send(message: To): void;
  /** The next message of a type; rejects if the process ends before it comes. */
  next<Type extends From['type']>(type: Type): Promise<Extract<From, { type: Type }>>;
  /** Calls `listener` for each message. */
  onMessage(listener: (message: From) => void): void;
  /** Ends the process, and resolves when it has ended. */
  end(): Promise<void>;
}

/**
 * Starts a script that stands beside this one, in a process of its own.
 *
 * @param name - What errors call it.
 * @param prefix - Words of a command that runs it elsewhere, for example in a network namespace.
 */
export function startChild<To, From extends { readonly type: string }>(
  name: string,
  script: string,
  prefix: readonly string[] = [],
): Child<To, From> {
  const [command = process.execPath, ...words] = [
    ...prefix,
    process.execPath,
    fileURLToPath(new URL(script, import.meta.url)),
  ];
  // HOLDLINE would override what the arms set; NODE_OPTIONS may preload what changes http.
  const { HOLDLINE: _mode, NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env });
  const ended = onceEnded(child);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2_000);
  });
  const death = ended.then((how) => {
    throw new Error(`${name} ended before its work was done (${how})${complaint && `:\n${complaint}`}`);
  });
  death.catch(() => {});
  const failure = new Promise<never>((_, reject) => {
    child.on('message', (message: { type: string; message?: string }) => {
      if (message.type === 'failed') reject(new Error(`${name}: ${message.message}`));
    });
  });
  failure.catch(() => {});
  return {
    send: (message) => void child.send(message as object, () => {}),
    onMessage: (listener) => void child.on('message', (message) => listener(message as From)),
    next: (type) => {
      const next = Promise.race([nextMessage<From, typeof type>(child, type), failure, death]);
      // Whoever waits gets the error; that nobody waits yet must not end the demo before it has cleaned up.
      next.catch(() => {});
      return next;
    },
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

function nextMessage<From extends { readonly type: string }, Type extends From['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<From, { type: Type }>> {
  return new Promise((resolve) => {
    const listener = (message: unknown) => {
      if ((message as From).type !== type) return;
      child.off('message', listener);
      resolve(message as Extract<From, { type: Type }>);
    };
    child.on('message', listener);
  });
}

function onceEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}
