import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, channels, type HangUpEvent, type Mode } from '../../src/index.js';
import { differences } from '../model/agreement.js';
import { randomOf } from '../model/traffic.js';
import { ask, stall, wait } from './support.js';

const ROUNDS = process.env['HOLDLINE_TEST_FULL'] === '1' ? 1_000 : 300;
const SEED = 4_711;
const CUTOFF_MS = 50;
const KINDS = [
  { method: 'GET', headers: {} },
  { method: 'POST', headers: { 'idempotency-key': 'k', 'content-length': 4 } },
  { method: 'POST', headers: { 'content-length': 4 } },
] as const;
/** How B ends the idle connection, while its client's loop stands still, or over the request. */
const ENDS = ['fin', 'reset', 'dies', 'dies by a RST'] as const;
/** How long the connection is idle: the loop has not told lately; `on` has let the connection go. */
const IDLE_MS = [12, 12, 12, CUTOFF_MS + 20] as const;

const context = new AsyncLocalStorage<string>();

/** Has every request hang up that does not go over a new connection. */
async function run(mode: Mode) {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(path.join(import.meta.dirname, 'fixtures/b-that-obeys.cjs'), { workerData: ended });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  const origins = { [`http://127.0.0.1:${port}`]: { idleLimitMs: CUTOFF_MS, idempotencyKeys: true } };
  const agent = new Agent({ mode, marginMs: 0, origins, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const verdicts = new Map<string, string>();
  const note = (event: unknown) => {
    const { verdict, reason } = event as HangUpEvent;
    verdicts.set(context.getStore() ?? '', `${verdict} ${reason}`);
  };
  subscribe(channels.hangUp, note);
  onTestFinished(() => void unsubscribe(channels.hangUp, note));

  const random = randomOf(SEED);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  for (let round = 0; round < ROUNDS; round++) {
    const [kind, end, idleMs] = [pick(KINDS), pick(ENDS), pick(IDLE_MS)];
    const then = end === 'dies' ? 'fin' : end === 'dies by a RST' ? 'reset' : undefined;
    await ask({ agent, port });
    if (idleMs > CUTOFF_MS) await wait(idleMs);
    else stall(idleMs);
    if (!then) {
      const before = Atomics.load(ended, 0);
      worker.postMessage(end, []);
      expect(Atomics.wait(ended, 0, before, 5_000)).not.toBe('timed-out');
    }
    const headers = { ...kind.headers, ...(then && { 'x-then': then }) };
    const id = `${round}: ${kind.method}, ${end} after ${idleMs} ms`;
    await context.run(id, () =>
      ask({ agent, port, method: kind.method, headers }, kind.method === 'POST' ? 'body' : undefined).catch(() => {}),
    );
  }
  return { verdicts, counts: agent.counts() };
}

test('over real sockets, too, on does what observe has foretold, within 2 %', { timeout: 300_000 }, async () => {
  const observed = await run('observe');
  const on = await run('on');
  const { hangUps, wouldReplay, wouldSurface } = observed.counts;
  expect(hangUps).toBeGreaterThan(ROUNDS * 0.98);
  const wrong = differences(observed.verdicts, on.verdicts);
  expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(hangUps * 0.02);
  expect(Math.abs(wouldReplay + wouldSurface - on.counts.hangUps)).toBeLessThanOrEqual(hangUps * 0.02);
});
