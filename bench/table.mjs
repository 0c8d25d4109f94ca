// The tables of a cell, as rows of text: for the terminal and for the page alike.
import { nameOf } from './arms.mjs';

const NAMES = { cpu: 'CPU', wall: 'time', p50: 'p50', p99: 'p99', heap: 'heap', more: 'more', late: 'late' };
const COLUMNS = {
  hot: ['cpu', 'wall', 'p50', 'p99'],
  paced: ['cpu', 'p50', 'p99'],
  heap: ['heap', 'more'],
  stale: ['late'],
};
const UNITS = { more: 'B', late: 'ms' };

/** What the base arm measured, in words: the times are this machine's, at that moment. */
export function baseLine({ kind, baseArm, base }) {
  const ms = (number) => `${number.toFixed(number < 10 ? 2 : 1)} ms`;
  const latency = () => `p50 ${ms(base.p50)}, p99 ${ms(base.p99)}`;
  switch (kind) {
    case 'hot':
      return `${nameOf(baseArm)}: ${base.cpu.toFixed(1)} µs CPU, ${Math.round(1e6 / base.wall)} a second, ${latency()}`;
    case 'paced': {
      const load = `loop ${Math.round(base.load * 100)} % busy`;
      return `${nameOf(baseArm)}: ${base.cpu.toFixed(1)} µs CPU, ${load}, ${latency()}`;
    }
    case 'heap':
      return `${nameOf(baseArm)}: ${Math.round(base.heap)} B`;
    default:
      return `a GET on a new connection took ${ms(base.fresh)}`;
  }
}

/** The table's head and body: the arm, then each of its figures with its bound. */
export function tableOf({ kind, arms }) {
  const head = ['', ...COLUMNS[kind].map((figure) => NAMES[figure])];
  const body = Object.entries(arms).map(([arm, figures]) => [
    nameOf(arm),
    ...COLUMNS[kind].map((figure) => shown(figures[figure], UNITS[figure])),
  ]);
  return { head, body };
}

/** A figure and the upper 95 % bound. */
export function shown({ value, upper }, unit) {
  if (unit === 'B') return `${Math.round(value)} ≤ ${Math.round(upper)} B`;
  if (unit === 'ms') return `${value.toFixed(2)} ≤ ${upper.toFixed(2)} ms`;
  return `${value.toFixed(3)} ≤ ${upper.toFixed(3)}`;
}

/** Of each goal, in how many cells it was met, and the cell that is farthest from it. */
export function goalRows(judged) {
  return judged.map(({ goal, verdicts }) => {
    const count = (state) => verdicts.filter((each) => each.state === state).length;
    const worst = verdicts.reduce((a, b) => (b.figure.value > a.figure.value ? b : a));
    const met = count('met') === verdicts.length ? 'met' : count('not met') > 0 ? 'not met' : 'open';
    return {
      state: met,
      text: goal.text,
      counts: `${count('met')} met, ${count('open')} open, ${count('not met')} not`,
      worst: `${shown(worst.figure, goal.unit)} in ${worst.id}${goal.arms.length > 1 ? `, ${nameOf(worst.arm)}` : ''}`,
    };
  });
}
