import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Hop } from './run.js';

/** A forward proxy in a process of its own, for it has to go on while A's event loop stands still. */
export interface Proxy extends Hop {
  readonly url: string;
  /** What it was asked for so far. */
  seen(): Promise<{ readonly tunnels: number; readonly requests: number }>;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port. */
export async function startProxy(): Promise<Proxy> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-proxy-'));
  const openFile = path.join(directory, 'open');
  const child = fork(path.join(import.meta.dirname, 'proxy.mjs'), [openFile]);
  const port = (await answerOf(child)) as number;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => Number(readFileSync(openFile, 'utf8')),
    async seen() {
      child.send('seen');
      return (await answerOf(child)) as { tunnels: number; requests: number };
    },
    async stop() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
      rmSync(directory, { recursive: true });
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [answer] = (await once(child, 'message')) as [unknown];
  return answer;
}
