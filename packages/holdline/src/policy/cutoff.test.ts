import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdleLimit, idleCutoffMs, idleLimit, type MarginFacts, marginMs } from './cutoff.js';

const auto = (rttMs = 0, clientLagMs = 0): MarginFacts => ({ marginMs: 'auto', rttMs, clientLagMs });
const UNBOUNDED_MS = 2 ** 31 - 1;

describe('the idle limit that is believed', () => {
  const known = { statedMs: 60_000, toldMs: undefined, hintMs: 5_000, unknownIdleLimitMs: 4_000 };

  test('is what the user states, whatever the server hints', () => {
    expect(idleLimit(known)).toEqual({ limitMs: 60_000, source: 'stated' });
  });

  test('is what the server hints, where the user states nothing', () => {
    expect(idleLimit({ ...known, statedMs: undefined })).toEqual({ limitMs: 5_000, source: 'hinted' });
  });

  test('is what a server that runs Holdline tells, before its hint: that one is cut to whole seconds', () => {
    const told = idleLimit({ ...known, statedMs: undefined, toldMs: 6_000 });
    expect(told).toEqual({ limitMs: 6_000, source: 'told' });
    expect(idleLimit({ ...known, toldMs: 6_000 }).source).toBe('stated');
  });

  test('is assumed, where nobody says anything', () => {
    const assumed = idleLimit({ ...known, statedMs: undefined, hintMs: undefined });
    expect(assumed).toEqual({ limitMs: 4_000, source: 'assumed' });
  });

  test('is 0 where the server or the user says 0: that is an answer, not silence', () => {
    expect(idleLimit({ ...known, statedMs: 0 })).toEqual({ limitMs: 0, source: 'stated' });
    expect(idleLimit({ ...known, statedMs: undefined, hintMs: 0 })).toEqual({ limitMs: 0, source: 'hinted' });
  });
});

describe('the margin', () => {
  test('of a hint is a second, for hints are whole seconds, and the round trip and the lag on top', () => {
    const hinted: IdleLimit = { limitMs: 5_000, source: 'hinted' };
    expect(marginMs(hinted, auto())).toBe(1_000);
    expect(marginMs(hinted, auto(40, 15))).toBe(1_055);
    expect(idleCutoffMs(hinted, auto(40, 15), 90_000)).toBe(3_945);
  });

  test('of a stated or told limit, taken at its word, and of the assumed one is the round trip and the lag alone', () => {
    for (const source of ['stated', 'told', 'assumed'] as const) {
      expect(marginMs({ limitMs: 5_000, source }, auto(40, 15))).toBe(55);
    }
  });

  test('is what the user says, instead of what would be reckoned', () => {
    const facts = { marginMs: 250, rttMs: 40, clientLagMs: 15 };
    expect(marginMs({ limitMs: 5_000, source: 'hinted' }, facts)).toBe(250);
    expect(marginMs({ limitMs: 5_000, source: 'hinted' }, { ...facts, marginMs: 0 })).toBe(0);
  });

  test('takes half the limit at most, so that a server with a short limit can be used at all', () => {
    expect(idleCutoffMs({ limitMs: 1_000, source: 'hinted' }, auto(), 90_000)).toBe(500);
    expect(idleCutoffMs({ limitMs: 100, source: 'stated' }, auto(0, 10_000), 90_000)).toBe(50);
    expect(idleCutoffMs({ limitMs: 1_000, source: 'stated' }, { ...auto(), marginMs: 5_000 }, 90_000)).toBe(500);
  });
});

describe('the cutoff', () => {
  test("stays within the user's bound, however long the server would wait", () => {
    expect(idleCutoffMs({ limitMs: 3_600_000, source: 'hinted' }, auto(), 90_000)).toBe(90_000);
    expect(idleCutoffMs({ limitMs: 5_000, source: 'stated' }, auto(), 0)).toBe(0);
  });

  test('of a server that keeps nothing is 0: nothing is reused', () => {
    expect(idleCutoffMs({ limitMs: 0, source: 'hinted' }, auto(40, 15), 90_000)).toBe(0);
  });

  const limits = fc.record({
    limitMs: fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat(UNBOUNDED_MS)),
    source: fc.constantFrom('stated' as const, 'hinted' as const, 'assumed' as const),
  });
  const ms = fc.oneof(fc.nat(UNBOUNDED_MS), fc.double({ min: 0, max: 10_000, noNaN: true }));
  const facts = fc.record({
    marginMs: fc.oneof(fc.constant('auto' as const), fc.nat(UNBOUNDED_MS)),
    rttMs: ms,
    clientLagMs: ms,
  });

  test("is never negative, never past the server's limit or the user's bound", () => {
    fc.assert(
      fc.property(limits, facts, fc.nat(UNBOUNDED_MS), (limit, how, maxIdleMs) => {
        const cutoff = idleCutoffMs(limit, how, maxIdleMs);
        expect(cutoff).toBeGreaterThanOrEqual(0);
        expect(cutoff).toBeLessThanOrEqual(limit.limitMs);
        expect(cutoff).toBeLessThanOrEqual(maxIdleMs);
      }),
    );
  });

  test('leaves a margin of at most half the limit', () => {
    fc.assert(
      fc.property(limits, facts, (limit, how) => {
        const margin = marginMs(limit, how);
        expect(margin).toBeGreaterThanOrEqual(0);
        expect(margin).toBeLessThanOrEqual(limit.limitMs / 2);
        expect(idleCutoffMs(limit, how, UNBOUNDED_MS)).toBe(limit.limitMs - margin);
      }),
    );
  });

  test('only falls as the round trip or the lag grows', () => {
    fc.assert(
      fc.property(limits, facts, ms, ms, fc.nat(UNBOUNDED_MS), (limit, how, moreRtt, moreLag, maxIdleMs) => {
        const slower = { ...how, rttMs: how.rttMs + moreRtt, clientLagMs: how.clientLagMs + moreLag };
        expect(idleCutoffMs(limit, slower, maxIdleMs)).toBeLessThanOrEqual(idleCutoffMs(limit, how, maxIdleMs));
      }),
    );
  });

  test('only rises as the limit or the bound grows', () => {
    fc.assert(
      fc.property(
        limits,
        fc.nat(100_000),
        facts,
        fc.nat(UNBOUNDED_MS),
        fc.nat(1_000),
        (limit, more, how, max, moreMax) => {
          const longer = { ...limit, limitMs: limit.limitMs + more };
          const cutoff = idleCutoffMs(limit, how, max);
          expect(idleCutoffMs(longer, how, max)).toBeGreaterThanOrEqual(cutoff);
          expect(idleCutoffMs(limit, how, max + moreMax)).toBeGreaterThanOrEqual(cutoff);
        },
      ),
    );
  });
});
