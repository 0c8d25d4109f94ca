import { describe, expect, test } from 'vitest';
import { closeDueMs, drainBoundMs, graceSeconds, residualRisk } from './drain.js';

const times = { noticeMs: 5_000, longestRequestMs: 30_000, idleMs: 66_000, lingerMs: 5_000 };

test('a drain is bounded by the sum of what it waits for, and a supervisor must wait for longer', () => {
  expect(drainBoundMs(times)).toBe(106_000);
  expect(graceSeconds(times)).toBe(111);
  expect(graceSeconds({ ...times, lingerMs: 5_001 })).toBe(112);
});

describe('a connection may be closed', () => {
  const idle = { isAnswering: false, upgraded: false, idleSinceMs: 1_000 };

  test('when it has been idle for as long as its client may use it', () => {
    expect(closeDueMs(idle, 66_000)).toBe(67_000);
  });

  test('not while a request holds it, nor after an upgrade', () => {
    expect(closeDueMs({ ...idle, isAnswering: true }, 66_000)).toBe(Number.POSITIVE_INFINITY);
    expect(closeDueMs({ ...idle, upgraded: true }, 66_000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('what a drain may have lost without seeing it', () => {
  const known = { clientIdleMs: 60_000, bounded: true, idleMs: 66_000 };

  test('is nothing, where clients certainly let go first', () => {
    expect(residualRisk(known)).toBeUndefined();
  });

  test('is told, where the idle time of the clients is unknown, longer, or not strict', () => {
    expect(residualRisk({ ...known, clientIdleMs: undefined })).toMatch(/unknown.*66000 ms.*clientIdleMs/);
    expect(residualRisk({ ...known, idleMs: 60_000 })).toMatch(/60000 ms, but.*60000 ms/);
    expect(residualRisk({ ...known, bounded: false })).toMatch(/no strict idle limit.*66000 ms/);
  });
});
