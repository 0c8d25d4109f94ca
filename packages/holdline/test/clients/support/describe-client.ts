import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHangUpError } from '../../../src/index.js';
import { wait } from '../../sockets/support.js';
import { type B, IDLE_LIMIT_MS, startB } from './b.js';
import { problemsIn } from './judge.js';
import { type Hop, holdline, type Kind, type MakeClient, plain, Run, type Scheme } from './run.js';

/** Idle times before a request, in parts of B's limit. */
const GAPS = [0.5, 0.97, 1, 1.03, 1.5];
const LANES = 4;
const EACH = 2;

/** What differs from client to client. */
export interface Differences {
  /** What it can send; all kinds unless it says otherwise. */
  readonly kinds?: readonly Kind[];
  /** It retries, and nobody can keep it from that: on a plain agent it does so instead of failing. */
  readonly alwaysRetries?: boolean;
  /** Where its error has Holdline's; nowhere unless it says so. */
  readonly hangUpAt?: 'error' | 'error.cause';
  /** What hands on B's FIN to it. */
  readonly hop?: Hop;
}

/** The torture that every client goes through, over HTTP and HTTPS, and the same on a plain agent to show that it is one. */
export function describeClient(name: string, makeClient: MakeClient, differences: Differences = {}): void {
  const { kinds = ['get', 'keyed', 'post'], alwaysRetries = false, hangUpAt, hop } = differences;
  const [first = 'get'] = kinds;
  let b: B;
  beforeAll(async () => {
    b = await startB();
  });
  afterAll(() => b.stop());

  describe.each<Scheme>(['http', 'https'])(`${name} over %s`, (scheme) => {
    async function start() {
      const agent = holdline(b, scheme);
      return { agent, run: await Run.start(b, scheme, agent, makeClient, hop) };
    }

    test('pauses around the time after which B closes: nothing surfaces that may be sent again', async () => {
      const { agent, run } = await start();
      const lane = async (kind: Kind) => {
        await run.send(kind);
        for (const gap of GAPS) {
          await wait(gap * IDLE_LIMIT_MS);
          await run.send(kind);
        }
      };
      await Promise.all(kinds.map(lane));
      expectNoHarm(run);
      const { letGo, hangUps } = agent.counts();
      expect(letGo + hangUps, 'connections that B closed').toBeGreaterThan(0);
    });

    test('B closes while A stands still: even a plain POST is answered, over a new connection', async () => {
      const { agent, run } = await start();
      for (const kind of kinds) for (let i = 0; i < EACH; i++) await run.sendAfterStall(first, kind);
      expectNoHarm(run);
      expect(errorsOf(run)).toEqual([]);
      // it was seen before a byte was written
      expect(agent.counts()).toMatchObject({ hangUps: 0, replays: 0, letGo: EACH * kinds.length });
    });

    test('B dies over a request, unread or executed: only the plain POST surfaces, and says why', async () => {
      const { agent, run } = await start();
      for (const way of ['unread', 'executed'] as const) {
        for (const kind of kinds) {
          for (let i = 0; i < EACH; i++) {
            await run.prime(first);
            const { error, id } = await run.send(kind, way);
            if (kind !== 'post') expect(run.b.ledger().get(id)?.attempts).toBe(2);
            else if (way === 'executed') expect(placeOf(error), 'where the explanation is').toBe(hangUpAt);
          }
        }
      }
      expectNoHarm(run);
      const { hangUps, replays, surfaced } = agent.counts();
      expect(hangUps).toBe(2 * EACH * kinds.length);
      expect(replays + surfaced).toBe(hangUps);
      expect(surfaced).toBe(errorsOf(run).length);
    });

    test('B restarts under load: nothing surfaces that may be sent again', async () => {
      const { agent, run } = await start();
      const load = { goesOn: true };
      const lane = async (index: number) => {
        for (let i = index; load.goesOn; i++) {
          await run.send(kinds[i % kinds.length] as Kind, 'slow');
          await wait(i % LANES);
        }
      };
      await Promise.all(Array.from({ length: LANES }, () => run.send(first, 'slow')));
      const lanes = Array.from({ length: LANES }, (_, index) => lane(index));
      await b.restart();
      load.goesOn = false;
      await Promise.all(lanes);
      expectNoHarm(run);
      expect(agent.counts().hangUps).toBeGreaterThan(0);
      expect(agent.counts().surfaced).toBe(errorsOf(run).length);
    });

    test('on a plain agent the same hangs up', async () => {
      const agent = plain(scheme);
      const run = await Run.start(b, scheme, agent, makeClient, hop);
      const stale = await run.sendAfterStall(first, first);
      await run.prime(first);
      const died = await run.send(first, 'unread');
      if (alwaysRetries) expect(run.client.retries?.()).toBe(2);
      else expect([stale.error, died.error].map(codeOf)).toEqual(['ECONNRESET', 'ECONNRESET']);
    });
  });

  function expectNoHarm(run: Run): void {
    expect(problemsIn(run.outcomes, b.ledger())).toEqual([]);
    expect(run.client.retries?.() ?? 0, "the client's own retries").toBe(0);
  }
}

function placeOf(error: Error | undefined): Differences['hangUpAt'] {
  if (isHangUpError(error)) return 'error';
  if (isHangUpError(error?.cause)) return 'error.cause';
  expect(error, 'B executed it, and cannot have said so').toBeInstanceOf(Error);
  return undefined;
}

/** Clients hand on Node's error, or put it into one of their own. */
function codeOf(error: unknown): unknown {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return code ?? (cause && codeOf(cause));
}

function errorsOf(run: Run): Error[] {
  return run.outcomes.flatMap(({ error }) => error ?? []);
}
