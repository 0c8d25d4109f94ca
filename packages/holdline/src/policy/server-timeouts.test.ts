import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POOLS } from './pools.js';
import { idleLimitMs, orderTimeouts, type StatedTimeouts, type TimeoutFacts } from './server-timeouts.js';

const NOTHING: StatedTimeouts = {
  keepAliveTimeoutMs: undefined,
  bufferMs: undefined,
  headersTimeoutMs: undefined,
  requestTimeoutMs: undefined,
};
/** What Node's server has. */
const NODE = { keepAliveTimeoutMs: 5_000, headersTimeoutMs: 60_000, requestTimeoutMs: 300_000 };

function order(stated: Partial<StatedTimeouts>, more: Partial<TimeoutFacts> = {}) {
  return orderTimeouts({ stated: { ...NOTHING, ...stated }, clientIdleMs: undefined, present: NODE, ...more });
}

function timeouts(stated: Partial<StatedTimeouts>, more: Partial<TimeoutFacts> = {}) {
  const ordered = order(stated, more);
  if (!ordered.ok) throw new Error(JSON.stringify(ordered.contradiction));
  return ordered.timeouts;
}

describe("a server's timeouts", () => {
  test('come after those of what it stands behind', () => {
    expect(timeouts({}, { clientIdleMs: POOLS['aws-alb'].idleMs })).toEqual({
      keepAliveTimeoutMs: 65_000,
      bufferMs: 1_000,
      headersTimeoutMs: 67_000,
      requestTimeoutMs: 300_000,
    });
    expect(timeouts({}, { clientIdleMs: POOLS['gcp-lb'].idleMs })).toEqual({
      keepAliveTimeoutMs: 605_000,
      bufferMs: 1_000,
      headersTimeoutMs: 607_000,
      requestTimeoutMs: 607_000,
    });
  });

  test('are long enough for most proxies where nothing is known', () => {
    expect(timeouts({}).keepAliveTimeoutMs).toBe(65_000);
  });

  test('stay as the server has them where that is longer: no framework is overruled downwards', () => {
    const present = { keepAliveTimeoutMs: 72_000, headersTimeoutMs: 90_000, requestTimeoutMs: 400_000 };
    expect(timeouts({}, { present })).toEqual({ ...present, bufferMs: 1_000 });
  });

  test('that are switched off stay off', () => {
    const present = { ...NODE, headersTimeoutMs: 0, requestTimeoutMs: 0 };
    expect(timeouts({}, { present })).toMatchObject({ headersTimeoutMs: 0, requestTimeoutMs: 0 });
    expect(timeouts({ headersTimeoutMs: 0 })).toMatchObject({ headersTimeoutMs: 0, requestTimeoutMs: 0 });
    expect(timeouts({ requestTimeoutMs: 0 }).requestTimeoutMs).toBe(0);
  });

  test('are in an order that cannot race, whatever the server had and whatever it stands behind', () => {
    const ms = fc.nat(4_000_000);
    const present = fc.record({ keepAliveTimeoutMs: ms, headersTimeoutMs: ms, requestTimeoutMs: ms });
    fc.assert(
      fc.property(present, fc.option(ms, { nil: undefined }), (had, clientIdleMs) => {
        const got = timeouts({}, { present: had, clientIdleMs });
        expect(got.keepAliveTimeoutMs).toBeGreaterThan(clientIdleMs ?? 0);
        expect(got.keepAliveTimeoutMs).toBeGreaterThanOrEqual(had.keepAliveTimeoutMs);
        expect(idleLimitMs(got)).toBeGreaterThan(got.keepAliveTimeoutMs);
        const headers = got.headersTimeoutMs || Number.POSITIVE_INFINITY;
        expect(headers).toBeGreaterThan(idleLimitMs(got));
        expect(got.requestTimeoutMs || Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(headers);
      }),
    );
  });
});

describe('numbers that contradict each other are told, both of them', () => {
  test('a keep-alive timeout that is not above what clients keep', () => {
    for (const keepAliveTimeoutMs of [5_000, 60_000]) {
      expect(order({ keepAliveTimeoutMs }, { clientIdleMs: 60_000 })).toEqual({
        ok: false,
        contradiction: {
          low: 'keepAliveTimeoutMs',
          lowMs: keepAliveTimeoutMs,
          bound: 'clientIdleMs',
          boundMs: 60_000,
          inclusive: false,
        },
      });
    }
    expect(order({ keepAliveTimeoutMs: 60_001 }, { clientIdleMs: 60_000 }).ok).toBe(true);
  });

  test('no keep-alive timeout at all: nothing could be promised', () => {
    expect(order({ keepAliveTimeoutMs: 0 }).ok).toBe(false);
  });

  test('a headers timeout under which an idle connection would fall first', () => {
    expect(order({ keepAliveTimeoutMs: 65_000, headersTimeoutMs: 60_000 })).toMatchObject({
      contradiction: { low: 'headersTimeoutMs', lowMs: 60_000, bound: 'idleLimit', boundMs: 66_000 },
    });
    expect(order({ keepAliveTimeoutMs: 65_000, headersTimeoutMs: 66_000 }).ok).toBe(false);
    expect(order({ keepAliveTimeoutMs: 65_000, headersTimeoutMs: 66_001 }).ok).toBe(true);
  });

  test('a request timeout below the headers timeout', () => {
    const headersTimeoutMs = 70_000;
    expect(order({ headersTimeoutMs, requestTimeoutMs: 69_999 })).toMatchObject({
      contradiction: { low: 'requestTimeoutMs', lowMs: 69_999, bound: 'headersTimeoutMs', boundMs: 70_000 },
    });
    expect(order({ headersTimeoutMs, requestTimeoutMs: 70_000 }).ok).toBe(true);
    expect(order({ headersTimeoutMs: 0, requestTimeoutMs: 300_000 }).ok, 'a head may take longer than all').toBe(false);
  });
});
