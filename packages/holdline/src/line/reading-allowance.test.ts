import { expect, test } from 'vitest';
import { ReadingAllowance } from './reading-allowance.js';

test('a table of a few thousand sockets may be read as often as there is reason to, however busy the machine', () => {
  const allowance = new ReadingAllowance(0.1);
  for (let nowMs = 0; nowMs < 1_000; nowMs += 20) {
    expect(allowance.allows(nowMs)).toBe(true);
    allowance.spent(300_000, nowMs, nowMs + 20);
  }
});

test('on a host with tens of thousands of sockets no more than its share of the time goes into reading', () => {
  const allowance = new ReadingAllowance(0.1);
  const tookMs = 35;
  let spentMs = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs++) {
    if (!allowance.allows(nowMs)) continue;
    allowance.spent(5_000_000, nowMs, nowMs + tookMs);
    nowMs += tookMs;
    spentMs += tookMs;
  }
  expect(spentMs / 10_000).toBeLessThanOrEqual(0.11);
  expect(spentMs / 10_000).toBeGreaterThan(0.08);
});

test('a reading that every request of the process would feel is made once a minute', () => {
  const allowance = new ReadingAllowance(0.1);
  allowance.spent(13_000_000, 0, 224);
  expect(allowance.allows(60_000)).toBe(false);
  expect(allowance.allows(60_300)).toBe(true);
});
