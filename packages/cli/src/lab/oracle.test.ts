import { array, assert, integer, property, record, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { consultOracle, type Interval, type TrueLimits } from './oracle.js';

const get = (startMs: number, endMs = startMs + 1, pool = 0): Interval => ({ startMs, endMs, kind: 'GET', pool });

test('a pause shorter than the limit reuses, one that would meet the close does not', () => {
  const limits = { idleLimitMs: 100, roundTripMs: 10 };
  expect(consultOracle([get(0), get(90)], limits).connects).toBe(1);
  // 91 ms for the client are 101 for B, as the answer and the request need 5 ms each
  expect(consultOracle([get(0), get(91)], limits).connects).toBe(2);
  expect(consultOracle([get(0), get(1_000_000)], { roundTripMs: 10 }).connects).toBe(1);
});

test('requests at the same time need a connection each, and pools share none', () => {
  const limits = { idleLimitMs: 100, roundTripMs: 0 };
  expect(consultOracle([get(0, 10), get(5, 15)], limits).connects).toBe(2);
  expect(consultOracle([get(0), get(10, 11, 1)], limits).connects).toBe(2);
});

test('of the free connections it takes the one that closes first, so that the other is there later', () => {
  const limits = { idleLimitMs: 100, roundTripMs: 0 };
  // two connections, free from 10 and from 50; the request at 60 must leave the later one to the request at 130
  const requests = [get(0, 10), get(5, 50), get(60, 62), get(130, 131), get(130, 131)];
  expect(consultOracle(requests, limits).connects).toBe(2);
});

test('a connection that B takes only so many requests on is not used for more', () => {
  const limits = { maxRequestsPerConnection: 3, roundTripMs: 0 };
  expect(
    consultOracle(
      [0, 10, 20, 30, 40, 50, 60].map((startMs) => get(startMs)),
      limits,
    ).connects,
  ).toBe(3);
});

test('reuse is told by kind', () => {
  const post: Interval = { startMs: 10, endMs: 11, kind: 'POST', pool: 0 };
  expect([...consultOracle([get(0), post, get(20)], { roundTripMs: 0 }).reused]).toEqual([
    ['POST', 1],
    ['GET', 1],
  ]);
});

test('no way to put few requests on connections needs fewer (without a bound on a connection)', () => {
  const interval = tuple(integer({ min: 0, max: 60 }), integer({ min: 1, max: 25 }));
  const cases = record({
    drawn: array(interval, { maxLength: 7 }),
    idleLimitMs: integer({ min: 2, max: 40 }),
  });
  assert(
    property(cases, ({ drawn, idleLimitMs }) => {
      const requests = drawn.map(([startMs, lengthMs]) => get(startMs, startMs + lengthMs));
      const limits = { idleLimitMs, roundTripMs: 1 };
      expect(consultOracle(requests, limits).connects).toBe(fewestByTrying(requests, limits));
    }),
    { numRuns: 500 },
  );
});

/** Tries every way. */
function fewestByTrying(requests: readonly Interval[], { idleLimitMs = 0, roundTripMs }: TrueLimits): number {
  const sorted = requests.toSorted((one, other) => one.startMs - other.startMs);
  const from = (index: number, endsMs: readonly number[]): number => {
    const request = sorted[index];
    if (!request) return endsMs.length;
    let best = from(index + 1, [...endsMs, request.endMs]);
    endsMs.forEach((endMs, one) => {
      if (endMs > request.startMs || request.startMs - endMs >= idleLimitMs - roundTripMs) return;
      best = Math.min(best, from(index + 1, endsMs.with(one, request.endMs)));
    });
    return best;
  };
  return from(0, []);
}
