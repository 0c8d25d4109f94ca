import { describe, expect, it } from 'vitest';
import { seededIntegers } from './random.mjs';
import { bounded, boundedDifference, boundedRatio, hodgesLehmann, median, percentiles } from './statistics.mjs';

/** Rounds of a launch in which the arm costs `ratio` times what the base does, on a machine whose speed varies. */
function launchOf(ratio, seed, { rounds = 20, noise = 0.1 } = {}) {
  const next = seededIntegers(seed, 0, 1_000_000);
  const spread = () => Math.exp(noise * (next() / 500_000 - 1));
  return Array.from({ length: rounds }, () => {
    const speed = spread() ** 5;
    return [ratio * speed * spread(), speed * spread()];
  });
}

const launchesOf = (ratio, firstSeed, options) =>
  [0, 1, 2, 3].map((launch) => launchOf(ratio, firstSeed + launch, options));

describe('a ratio with bounds', () => {
  it('holds the true ratio below its upper bound in about 95 of 100 runs', () => {
    const runs = Array.from({ length: 400 }, (_, run) => boundedRatio(launchesOf(1.07, 1 + run * 4)));
    const held = runs.filter(({ upper }) => upper >= 1.07).length;
    expect(held).toBeGreaterThan(400 * 0.92);
    expect(held).toBeLessThan(400 * 0.98);
  });

  it('is the inverse of the ratio the other way round', () => {
    const launches = launchesOf(1.2, 5);
    const there = boundedRatio(launches);
    const back = boundedRatio(launches.map((pairs) => pairs.map(([own, base]) => [base, own])));
    expect(back.value).toBeCloseTo(1 / there.value, 10);
    expect(back.upper).toBeCloseTo(1 / there.lower, 10);
  });

  it('hardly moves for blocks that met a stall', () => {
    const launches = launchesOf(1, 9);
    const stalled = launches.map((pairs) => pairs.map(([own, base], round) => [round === 3 ? own * 50 : own, base]));
    expect(Math.abs(boundedRatio(stalled).value - boundedRatio(launches).value)).toBeLessThan(0.02);
  });

  it('is as uncertain as its launches differ, however many rounds each of them has', () => {
    const lucky = [0.95, 1.05, 0.97, 1.03].map((luck, seed) => launchOf(luck, seed, { rounds: 100, noise: 0.001 }));
    const { lower, upper } = boundedRatio(lucky);
    expect(lower).toBeLessThan(0.96);
    expect(upper).toBeGreaterThan(1.04);
  });
});

describe('a difference with bounds', () => {
  it('is in the unit of what was measured', () => {
    const { value, lower, upper } = boundedDifference([[[3_000, 2_000]], [[3_100, 2_000]], [[2_900, 2_000]]]);
    expect(value).toBe(1_000);
    // 2.92 × 100 / √3, by Student's table for two degrees of freedom
    expect(upper - value).toBeCloseTo(168.6, 1);
    expect(value - lower).toBeCloseTo(168.6, 1);
  });
});

describe('the parts', () => {
  it('a single launch bounds nothing', () => {
    expect(bounded([1])).toEqual({ value: 1, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY });
  });

  it('takes the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    // of the means 1, 1.5, 2, 2, 2.5, 3, 500.5, 501, 501.5 and 1000
    expect(hodgesLehmann([1, 2, 3, 1_000])).toBe(2.75);
  });

  it('reads percentiles of unsorted latencies', () => {
    const latencies = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(percentiles(latencies)).toEqual({ p50: 101, p99: 199 });
  });
});
