import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.js';

const limits = { baseDelayMs: 200, maxDelayMs: 1_000 };

test('the bound doubles with each retry, up to its maximum', () => {
  const almostOne = 1 - Number.EPSILON;
  const bounds = [1, 2, 3, 4, 5, 1_000].map((retry) => Math.round(backoffMs(retry, limits, almostOne)));
  expect(bounds).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
});

test('the jitter is full: any wait from nothing to the bound is as likely as any other', () => {
  expect([0, 0.25, 0.5, 0.75].map((random) => backoffMs(2, limits, random))).toEqual([0, 100, 200, 300]);
});

test('it is never negative, never above a bound, and always a number', () => {
  const ms = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      ms,
      ms,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retry, baseDelayMs, maxDelayMs, random) => {
        const delayMs = backoffMs(retry, { baseDelayMs, maxDelayMs }, random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(maxDelayMs);
      },
    ),
  );
});
