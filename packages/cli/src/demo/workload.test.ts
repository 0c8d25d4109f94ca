import { describe, expect, test } from 'vitest';
import { anyTimeWorkload, type Caller, fixedLimitWorkload, type WorkloadSettings } from './workload.js';

const settings: WorkloadSettings = { seed: 1, callers: 32, trafficMs: 40_000, roundTripMs: 16, idleLimitMs: 6_000 };
const stepsOf = (callers: readonly Caller[]) => callers.flatMap(({ steps }) => steps);

describe.each([
  ['fixedLimitWorkload', fixedLimitWorkload],
  ['anyTimeWorkload', anyTimeWorkload],
])('%s', (_name, workload) => {
  test('is the same for the same seed, and another for another', () => {
    expect(workload(settings)).toEqual(workload(settings));
    expect(workload(settings)).not.toEqual(workload({ ...settings, seed: 2 }));
  });

  test('names every request once and mixes all kinds', () => {
    const steps = stepsOf(workload(settings));
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    for (const kind of ['GET', 'POST', 'keyed POST']) {
      expect(steps.filter((step) => step.kind === kind).length).toBeGreaterThan(steps.length / 5);
    }
  });

  test('plans no request after the end of the traffic', () => {
    for (const { startMs, steps } of workload(settings)) {
      expect(steps.reduce((sum, { gapMs }) => sum + gapMs, startMs)).toBeLessThanOrEqual(settings.trafficMs);
    }
  });
});

/** Seen from A, a request and B's close cross if the pause ends less than a round trip before the limit. */
const crosses = (gapMs: number, limitMs: number) => gapMs > limitMs - settings.roundTripMs && gapMs < limitMs;

test.each([1, 2, 3, 4, 5])('with a fixed limit, many pauses meet the close, whatever the seed (%i)', (seed) => {
  for (const sizes of [settings, { ...settings, callers: 96, trafficMs: 7_500, idleLimitMs: 3_000 }]) {
    const steps = stepsOf(fixedLimitWorkload({ ...sizes, seed }));
    expect(steps.filter(({ gapMs }) => crosses(gapMs, sizes.idleLimitMs)).length).toBeGreaterThan(40);
  }
});

test.each([1, 2, 3, 4, 5])(
  'with a B that closes at any time, many pauses meet the close and some requests a crash (%i)',
  (seed) => {
    const callers = anyTimeWorkload({ ...settings, seed, idleLimitMs: 4_500 });
    const met = callers.flatMap(({ steps }) =>
      steps.filter((step, index) => {
        const closesAfterMs = steps[index - 1]?.closesAfterMs;
        return closesAfterMs !== undefined && crosses(step.gapMs, closesAfterMs);
      }),
    );
    const crashes = stepsOf(callers).filter(({ crash }) => crash);
    expect(met.length).toBeGreaterThan(100);
    expect(crashes.length).toBeGreaterThan(10);
    expect(crashes.length).toBeLessThan(stepsOf(callers).length / 20);
  },
);
