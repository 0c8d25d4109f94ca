import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elapsedMs, type Instant, idleTimeMs } from './idle-time.js';

const at = (monotonicMs: number, wallMs = monotonicMs + 1_700_000_000_000): Instant => ({ monotonicMs, wallMs });
const SLOW_MS = 1_000;

/** A response of this size whose bytes came at these times. */
function response(firstMs: number, lastMs: number, bytes = 100) {
  return { firstByte: at(firstMs), lastByte: at(lastMs), bytes };
}

describe('the time that passed', () => {
  test('is counted while the machine sleeps, when the monotonic clock stands still', () => {
    const before = at(10_000);
    const afterSleep = { monotonicMs: 10_050, wallMs: before.wallMs + 3_600_000 };
    expect(elapsedMs(before, afterSleep)).toBe(3_600_000);
    expect(idleTimeMs({ firstByte: before, lastByte: before, bytes: 100 }, SLOW_MS, afterSleep)).toBe(3_600_000);
  });

  test('is counted when the wall clock is set back', () => {
    const before = at(10_000);
    expect(elapsedMs(before, { monotonicMs: 16_000, wallMs: before.wallMs - 7_200_000 })).toBe(6_000);
  });

  test('is never negative, even if both clocks were to go back', () => {
    expect(elapsedMs(at(10_000), at(9_000))).toBe(0);
  });

  const instants = fc.record({ monotonicMs: fc.nat(), wallMs: fc.nat() });

  test('is at least what either clock says, and no more than the one that says more', () => {
    fc.assert(
      fc.property(instants, instants, (from, to) => {
        const byMonotonic = to.monotonicMs - from.monotonicMs;
        const byWall = to.wallMs - from.wallMs;
        expect(elapsedMs(from, to)).toBe(Math.max(0, byMonotonic, byWall));
        expect(elapsedMs(from, from)).toBe(0);
      }),
    );
  });
});

describe('the idle time of a connection', () => {
  test('runs from the last byte of a response that was small and quick', () => {
    expect(idleTimeMs(response(1_000, 1_200), SLOW_MS, at(5_000))).toBe(3_800);
  });

  test('runs from the first byte of a large response: the server was done when its kernel had taken the bytes', () => {
    expect(idleTimeMs(response(1_000, 1_200, 65_537), SLOW_MS, at(5_000))).toBe(4_000);
    expect(idleTimeMs(response(1_000, 1_200, 65_536), SLOW_MS, at(5_000))).toBe(3_800);
  });

  test('runs from the first byte of a response that took longer than the margin allows for', () => {
    expect(idleTimeMs(response(1_000, 2_001), SLOW_MS, at(5_000))).toBe(4_000);
    expect(idleTimeMs(response(1_000, 2_000), SLOW_MS, at(5_000))).toBe(3_000);
  });

  test('runs from the first byte of a response in the middle of which the machine slept', () => {
    const first = at(1_000);
    const last = { monotonicMs: 1_010, wallMs: first.wallMs + 60_000 };
    const now = { monotonicMs: 1_020, wallMs: last.wallMs + 10 };
    expect(idleTimeMs({ firstByte: first, lastByte: last, bytes: 100 }, SLOW_MS, now)).toBe(60_010);
  });

  const times = fc
    .tuple(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000), fc.nat(200_000), fc.nat(5_000))
    .map(([first, took, idle, bytes, slowMs]) => {
      return { seen: response(first, first + took, bytes), slowMs, now: at(first + took + idle), took, idle };
    });

  test('is at least the time since the last byte and at most that since the first', () => {
    fc.assert(
      fc.property(times, ({ seen, slowMs, now, took, idle }) => {
        const idleMs = idleTimeMs(seen, slowMs, now);
        expect([idle, idle + took]).toContain(idleMs);
      }),
    );
  });

  test('never gets shorter because a response was larger, or because less counts as slow', () => {
    fc.assert(
      fc.property(times, fc.nat(200_000), fc.nat(5_000), ({ seen, slowMs, now }, moreBytes, less) => {
        const idleMs = idleTimeMs(seen, slowMs, now);
        expect(idleTimeMs({ ...seen, bytes: seen.bytes + moreBytes }, slowMs, now)).toBeGreaterThanOrEqual(idleMs);
        expect(idleTimeMs(seen, Math.max(0, slowMs - less), now)).toBeGreaterThanOrEqual(idleMs);
      }),
    );
  });
});
