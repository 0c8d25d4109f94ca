import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** B closes a connection that was idle for this long after a `good` request, and tells nobody. */
export const IDLE_LIMIT_MS = 60;

export const fixtures = path.join(import.meta.dirname, '../../sockets/fixtures');
export const ca = readFileSync(path.join(fixtures, 'ca.crt'));

/** What B wrote down of one request. */
export interface Entry {
  /** Times that its head arrived. */
  attempts: number;
  executions: number;
  /** Executions that changed something: those with a key that B had not seen. */
  effects: number;
}

/** B, in processes of its own: A's event loop may stand still while B goes on. */
export interface B {
  readonly http: string;
  readonly https: string;
  /** A new process takes over the ports, and the old one is killed over a request, for which it waits. */
  restart(): Promise<void>;
  ledger(): ReadonlyMap<string, Entry>;
  /** Has B close all its idle connections soon, without the event loop's help. */
  closeIdle(): void;
  /** Connections that B has open. */
  open(): number;
  stop(): Promise<void>;
}

/** Starts B; its ports are free ones. */
export async function startB(): Promise<B> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-clients-'));
  const ledgerPath = path.join(directory, 'ledger');
  const supervisor = fork(path.join(import.meta.dirname, 'b.mjs'), [directory, `${IDLE_LIMIT_MS}`, fixtures]);
  const [{ ports }] = (await once(supervisor, 'message')) as [{ ports: [number, number] }];
  /** Workers that could not write down any more that their connections were closed. */
  const killed = new Set<string>();
  const lines = () =>
    readFileSync(ledgerPath, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  return {
    http: `http://127.0.0.1:${ports[0]}`,
    https: `https://127.0.0.1:${ports[1]}`,
    async restart() {
      supervisor.send('restart');
      const [told] = (await once(supervisor, 'message')) as [{ killed: number }];
      killed.add(`${told.killed}`);
    },
    ledger() {
      const entries = new Map<string, Entry>();
      for (const [what, id = '', effect] of lines()) {
        if (what === 'opened' || what === 'closed') continue;
        const entry = entries.get(id) ?? { attempts: 0, executions: 0, effects: 0 };
        entries.set(id, entry);
        if (what === 'attempt') entry.attempts++;
        else entry.executions++;
        if (effect === 'effect') entry.effects++;
      }
      return entries;
    },
    closeIdle: () => writeFileSync(path.join(directory, 'close'), ''),
    open() {
      const told = lines().filter(([, pid = '']) => !killed.has(pid));
      const count = (wanted: string) => told.filter(([what]) => what === wanted).length;
      return count('opened') - count('closed');
    },
    async stop() {
      const gone = once(supervisor, 'exit');
      supervisor.disconnect();
      await gone;
      rmSync(directory, { recursive: true });
    },
  };
}
