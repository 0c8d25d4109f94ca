// What the measured blocks come to.
import { BASE } from './arms.mjs';
import { boundedDifference, boundedRatio, median } from './statistics.mjs';

/** For each kind of cell the figures of which ratios to the base arm are told; all are the better the lower they are. */
export const figuresOf = {
  hot: ['cpu', 'wall', 'p50', 'p99'],
  paced: ['cpu', 'p50', 'p99'],
  heap: ['heap'],
  stale: [],
};

/**
 * The result of a cell: `base`, what the base arm measured (medians), and for each other arm its figures, each
 * `{ value, lower, upper }`.
 */
export function resultOf({ cell, arms }, launches) {
  const { id, title, kind } = cell;
  const pairs = (own, base) => launches.map((rounds) => rounds.map((round) => [own(round), base(round)]));
  const compared = arms.filter((arm) => arm !== BASE).map((arm) => [arm, compare(kind, arms, arm, pairs)]);
  return { id, title, kind, base: mediansOf(launches, arms[0]), arms: Object.fromEntries(compared) };
}

function compare(kind, arms, arm, pairs) {
  const of = (each, figure) => (round) => round[each][figure];
  const found = {};
  for (const figure of figuresOf[kind]) found[figure] = boundedRatio(pairs(of(arm, figure), of(BASE, figure)));
  if (figuresOf[kind].includes('cpu') && arm !== 'keepalive' && arms.includes('keepalive')) {
    found.cpuToKeepalive = boundedRatio(pairs(of(arm, 'cpu'), of('keepalive', 'cpu')));
  }
  if (kind === 'heap') found.more = boundedDifference(pairs(of(arm, 'heap'), of(BASE, 'heap')));
  if (kind === 'stale') {
    found.recovery = boundedRatio(pairs(of(arm, 'recovery'), of(arm, 'fresh')));
    found.late = boundedDifference(pairs(of(arm, 'recovery'), of(arm, 'fresh')));
  }
  return found;
}

function mediansOf(launches, arm) {
  const blocks = launches.flat().map((round) => round[arm]);
  const names = Object.keys(blocks[0]).filter((name) => name !== 'opened');
  return Object.fromEntries(names.map((name) => [name, median(blocks.map((block) => block[name]))]));
}
