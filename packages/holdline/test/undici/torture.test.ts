// The clients ring's torture: B closes idle connections, dies over requests and restarts under load, and its ledger judges.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { channels, type HangUpEvent } from '../../src/index.js';
import { type B, ca, IDLE_LIMIT_MS, startB } from '../clients/support/b.js';
import { problemsIn } from '../clients/support/judge.js';
import type { Way as Fate, Kind, Outcome } from '../clients/support/run.js';
import { wait } from '../sockets/support.js';
import { byName, type Client, PATIENT, ways } from './support.js';

/** Idle times before a request, in parts of B's limit. */
const GAPS = [0.5, 0.97, 1, 1.03, 1.5];
const KINDS: readonly Kind[] = ['get', 'keyed', 'post'];
const LANES = 4;

const current = new AsyncLocalStorage<{ reason: string | undefined }>();
let runs = 0;
let b: B;
beforeAll(async () => {
  b = await startB();
});
afterAll(() => b.stop());

/** One client, and all that it sent. */
async function start(a: Client, origin: string) {
  const outcomes: Outcome[] = [];
  const prefix = `undici-${process.pid}-${runs++}`;
  const surfaced = (event: unknown) => {
    const { verdict, reason } = event as HangUpEvent;
    const mark = current.getStore();
    if (mark && verdict === 'surface') mark.reason = reason;
  };
  subscribe(channels.hangUp, surfaced);
  onTestFinished(() => void unsubscribe(channels.hangUp, surfaced));
  const send = async (kind: Kind, fate: Fate = 'good') => {
    const id = `${fate}~${prefix}-${kind}-${outcomes.length}`;
    const mark = { reason: undefined };
    const headers = { 'x-id': id, ...(kind === 'keyed' && { 'Idempotency-Key': id }) };
    const ask = { path: `/things/${id}`, headers, ...(kind !== 'get' && { method: 'POST', body: '{"amount":5}' }) };
    const outcome: Outcome & { error: Error | undefined } = { id, kind, error: undefined, reason: undefined };
    outcomes.push(outcome);
    outcome.error = await current
      .run(mark, () => a.ask(origin, ask))
      .then(
        () => undefined,
        (error: Error) => error,
      );
    outcome.reason = mark.reason;
    return outcome;
  };
  const expectNoHarm = () => expect(problemsIn(outcomes, b.ledger())).toEqual([]);
  return { send, expectNoHarm, errors: () => outcomes.flatMap(({ error }) => error ?? []) };
}

describe.each(byName(ways))('%s', (_name, { make }) => {
  describe.each(['http', 'https'] as const)('over %s', (scheme) => {
    const client = () => make({ ...PATIENT, ca, origins: { [b[scheme]]: { idempotencyKeys: true } } });

    test('pauses around the time after which B closes: nothing surfaces that may be sent again', async () => {
      const a = await client();
      const run = await start(a, b[scheme]);
      const lane = async (kind: Kind) => {
        await run.send(kind);
        for (const gap of GAPS) {
          await wait(gap * IDLE_LIMIT_MS);
          await run.send(kind);
        }
      };
      await Promise.all(KINDS.map(lane));
      run.expectNoHarm();
    });

    test('B dies over a request, unread or executed: only the plain POST surfaces, and says why', async () => {
      const a = await client();
      const run = await start(a, b[scheme]);
      for (const fate of ['unread', 'executed'] as const) {
        for (const kind of KINDS) {
          await run.send('get', 'kept');
          await wait(5);
          const { id } = await run.send(kind, fate);
          expect(b.ledger().get(id)?.attempts).toBe(kind === 'post' ? 1 : 2);
        }
      }
      run.expectNoHarm();
      const { hangUps, replays, surfaced } = a.counts();
      expect({ hangUps, replays, surfaced }).toEqual({ hangUps: 6, replays: 4, surfaced: 2 });
      expect(run.errors()).toHaveLength(2);
    });

    test('B restarts under load: nothing surfaces that may be sent again', async () => {
      const a = await client();
      const run = await start(a, b[scheme]);
      const load = { goesOn: true };
      const lane = async (index: number) => {
        for (let i = index; load.goesOn; i++) {
          await run.send(KINDS[i % KINDS.length] as Kind, 'slow');
          await wait(i % LANES);
        }
      };
      const lanes = Array.from({ length: LANES }, (_, index) => lane(index));
      await wait(50);
      await b.restart();
      load.goesOn = false;
      await Promise.all(lanes);
      run.expectNoHarm();
      expect(a.counts().hangUps).toBeGreaterThan(0);
      expect(a.counts().surfaced).toBe(run.errors().length);
    });

    test('without Holdline the same hangs up', async () => {
      const a = await make({ ca, mode: 'off' });
      const run = await start(a, b[scheme]);
      await run.send('get', 'kept');
      await wait(5);
      expect((await run.send('get', 'unread')).error).toBeInstanceOf(Error);
      expect(a.counts().hangUps).toBe(0);
    });
  });
});
