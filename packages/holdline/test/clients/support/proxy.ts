import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A forward proxy in a process of its own, for it has to go on while A's event loop stands still. */
export interface Proxy {
  readonly url: string;
  /** What it was asked for so far. */
  seen(): Promise<{ readonly tunnels: number; readonly requests: number }>;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port. */
export async function startProxy(): Promise<Proxy> {
  const child = fork(path.join(import.meta.dirname, 'proxy.mjs'));
  const port = (await answerOf(child)) as number;
  return {
    url: `http://127.0.0.1:${port}`,
    async seen() {
      child.send('seen');
      return (await answerOf(child)) as { tunnels: number; requests: number };
    },
    async stop() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [answer] = (await once(child, 'message')) as [unknown];
  return answer;
}
