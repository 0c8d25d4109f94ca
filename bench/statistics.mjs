// How pairs become a ratio with bounds.
//
// A pair is two blocks in the same round, a moment apart, so that what else the machine does falls on both. Its log-ratio
// is as likely too high as too low by any amount, for the noise of both arms has the same origin; so the Hodges-Lehmann
// estimate fits: nearly as sharp as the mean, and hardly moved by the one block that met a stall. A process keeps for its
// life the luck of its memory layout and of what the compiler saw first: blocks of the same processes share it, and more
// of them do not average it out. So each launch of new processes gives one estimate, and the bounds are Student's, from
// how much the launches differ.

/** One-sided 95 % quantiles of Student's distribution, by degrees of freedom from 1. */
const T_95 = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753];

/** The middle one, or the mean of the middle two. */
export function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The Hodges-Lehmann estimate of location: the median of the means of all pairs, each number paired with itself too. */
export function hodgesLehmann(numbers) {
  const means = [];
  for (let i = 0; i < numbers.length; i++) {
    for (let j = i; j < numbers.length; j++) means.push((numbers[i] + numbers[j]) / 2);
  }
  return median(means);
}

/**
 * The mean of what each launch found, with one-sided 95 % bounds.
 *
 * @param estimates - One for each launch.
 * @returns `{ value, lower, upper }`; a single launch has no bounds but infinite ones.
 */
export function bounded(estimates) {
  const n = estimates.length;
  const value = estimates.reduce((sum, each) => sum + each, 0) / n;
  if (n === 1) return { value, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
  const variance = estimates.reduce((sum, each) => sum + (each - value) ** 2, 0) / (n - 1);
  const reach = (T_95[n - 2] ?? T_95.at(-1)) * Math.sqrt(variance / n);
  return { value, lower: value - reach, upper: value + reach };
}

/**
 * The ratio of two arms, with bounds.
 *
 * @param launches - For each launch its pairs, `[ofTheArm, ofTheBase][]`.
 */
export function boundedRatio(launches) {
  const { value, lower, upper } = bounded(
    launches.map((pairs) => hodgesLehmann(pairs.map(([own, base]) => Math.log(own / base)))),
  );
  return { value: Math.exp(value), lower: Math.exp(lower), upper: Math.exp(upper) };
}

/** The difference of two arms, with bounds; see {@link boundedRatio}. */
export function boundedDifference(launches) {
  return bounded(launches.map((pairs) => hodgesLehmann(pairs.map(([own, base]) => own - base))));
}

/** The latencies below which half of them and 99 of 100 lie. */
export function percentiles(latencies) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}
