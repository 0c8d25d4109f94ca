import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, type BudgetLimits, canSpend, deposit, fullBudget, refill, spend } from './budget.js';

const limits: BudgetLimits = { ratio: 0.2, perSecond: 10, burst: 100 };
const NOTHING: BudgetLimits = { ratio: 0, perSecond: 0, burst: 0 };

/** How many replays may be sent at once. */
function replays(budget: Budget, most = 10_000): number {
  let left = budget;
  let sent = 0;
  while (sent < most && canSpend(left)) {
    left = spend(left);
    sent++;
  }
  return sent;
}

describe('the replay budget', () => {
  test('lets a burst through at once, and then no more', () => {
    expect(replays(fullBudget(limits, 0))).toBe(100);
  });

  test('grows with time, whatever the traffic', () => {
    const empty: Budget = { tokens: 0, atMs: 0 };
    expect(replays(refill(empty, limits, 99))).toBe(0);
    expect(replays(refill(empty, limits, 100))).toBe(1);
    expect(replays(refill(empty, limits, 1_000))).toBe(10);
  });

  test('grows with each request: of five, one may be sent again', () => {
    const still = { ...limits, perSecond: 0 };
    const empty: Budget = { tokens: 0, atMs: 0 };
    expect(replays(deposit(empty, still, 4))).toBe(0);
    expect(replays(deposit(empty, still, 5))).toBe(1);
    expect(replays(deposit(empty, still, 50))).toBe(10);
  });

  test('saves up no more than its burst', () => {
    const full = fullBudget(limits, 0);
    expect(replays(deposit(refill(full, limits, 1e9), limits, 1e6))).toBe(100);
  });

  test('of nothing allows nothing, ever', () => {
    expect(replays(deposit(refill(fullBudget(NOTHING, 0), NOTHING, 1e9), NOTHING, 1e6))).toBe(0);
  });

  test('without bounds always has a token, and is never NaN', () => {
    const endless: BudgetLimits = { ratio: Infinity, perSecond: Infinity, burst: Infinity };
    let budget = fullBudget(endless, 0);
    for (let i = 1; i <= 1_000; i++) budget = spend(deposit(refill(budget, endless, i % 7), endless, i % 2));
    expect(budget.tokens).toBe(Infinity);
  });

  test('with an endless rate and a bounded burst is full again with the next moment or request', () => {
    const quick: BudgetLimits = { ratio: Infinity, perSecond: Infinity, burst: 2 };
    const empty: Budget = { tokens: 0, atMs: 5 };
    expect(replays(refill(empty, quick, 5))).toBe(0);
    expect(replays(refill(empty, quick, 6))).toBe(2);
    expect(replays(deposit(empty, quick, 1))).toBe(2);
  });

  test('gains nothing when the clock is set back, and goes on growing from there', () => {
    const before: Budget = { tokens: 3, atMs: 10_000 };
    const setBack = refill(before, limits, 4_000);
    expect(replays(setBack)).toBe(3);
    expect(replays(refill(setBack, limits, 4_500))).toBe(8);
  });

  test('is not overdrawn by spending what is not there', () => {
    expect(spend({ tokens: 0.5, atMs: 0 }).tokens).toBe(0);
    expect(replays(spend({ tokens: 0, atMs: 0 }))).toBe(0);
  });
});

describe('in every history', () => {
  const rate = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 50, noNaN: true }), fc.constant(Infinity));
  const anyLimits = fc.record({ ratio: rate, perSecond: rate, burst: rate });
  const steps = fc.array(
    fc.oneof(
      fc.record({ waitMs: fc.integer({ min: -1_000, max: 5_000 }) }),
      fc.record({ requests: fc.nat(20) }),
      fc.record({ spend: fc.constant(true) }),
    ),
    { maxLength: 60 },
  );

  test('tokens stay from 0 to the burst, and replays within burst + requests × ratio + seconds × rate', () => {
    fc.assert(
      fc.property(anyLimits, steps, (of, history) => {
        let nowMs = 50_000;
        let budget = fullBudget(of, nowMs);
        let replayed = 0;
        let requests = 0;
        let waitedMs = 0;
        for (const step of history) {
          if ('waitMs' in step) {
            nowMs += step.waitMs;
            waitedMs += Math.max(0, step.waitMs);
            budget = refill(budget, of, nowMs);
          } else if ('requests' in step) {
            requests += step.requests;
            budget = deposit(budget, of, step.requests);
          } else if (canSpend(budget)) {
            replayed++;
            budget = spend(budget);
          }
          expect(budget.tokens).toBeGreaterThanOrEqual(0);
          expect(budget.tokens).toBeLessThanOrEqual(of.burst);
        }
        const byRequests = requests === 0 || of.ratio === 0 ? 0 : requests * of.ratio;
        const byTime = waitedMs === 0 || of.perSecond === 0 ? 0 : (waitedMs / 1_000) * of.perSecond;
        expect(replayed).toBeLessThanOrEqual(of.burst + byRequests + byTime + 1e-6);
      }),
    );
  });

  test('none of its functions changes the budget that it is given', () => {
    const budget: Budget = Object.freeze({ tokens: 5, atMs: 0 });
    refill(budget, limits, 100);
    deposit(budget, limits, 3);
    spend(budget);
    expect(budget).toEqual({ tokens: 5, atMs: 0 });
  });
});
