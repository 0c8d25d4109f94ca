// What the measured blocks come to.
import { boundedDifference, boundedRatio, median } from './statistics.mjs';

const toBase = (of) => ({ of, to: 'base', by: boundedRatio });
const cpuToPeer = { of: 'cpu', to: 'peer', by: boundedRatio };

/**
 * The figures of each kind of cell; all are the better the lower they are. `of`: what of the arm's blocks; `to`: with whose
 * blocks they are paired, those of the cell's `base`, of its `peer`, or of the arm `itself`; `than`: with what of those, left
 * out the same; `by`: how pairs become the figure.
 */
const figuresOf = {
  hot: { cpu: toBase('cpu'), wall: toBase('wall'), p50: toBase('p50'), p99: toBase('p99'), cpuToPeer },
  paced: { cpu: toBase('cpu'), p50: toBase('p50'), p99: toBase('p99'), cpuToPeer },
  heap: { heap: toBase('heap'), more: { of: 'heap', to: 'base', by: boundedDifference } },
  stale: {
    recovery: { of: 'recovery', to: 'itself', than: 'fresh', by: boundedRatio },
    late: { of: 'recovery', to: 'itself', than: 'fresh', by: boundedDifference },
  },
};

/**
 * The result of a cell: `base`, what the base arm measured (medians; without a base, the first arm), and for each other arm
 * its figures, each `{ value, lower, upper }`.
 */
export function resultOf({ cell, arms }, launches) {
  const { id, title, kind, base } = cell;
  const compared = arms.filter((arm) => arm !== base).map((arm) => [arm, compare(cell, arms, arm, launches)]);
  return {
    ...{ id, title, kind, baseArm: base },
    base: mediansOf(launches, base ?? arms[0]),
    arms: Object.fromEntries(compared),
  };
}

function compare({ kind, base, peer }, arms, arm, launches) {
  const found = {};
  for (const [figure, { of, to, than = of, by }] of Object.entries(figuresOf[kind])) {
    const other = { base, peer, itself: arm }[to];
    if (!arms.includes(other) || (other === arm && than === of)) continue;
    found[figure] = by(launches.map((rounds) => rounds.map((round) => [round[arm][of], round[other][than]])));
  }
  return found;
}

function mediansOf(launches, arm) {
  const blocks = launches.flat().map((round) => round[arm]);
  const names = Object.keys(blocks[0]).filter((name) => name !== 'opened');
  return Object.fromEntries(names.map((name) => [name, median(blocks.map((block) => block[name]))]));
}
