// What Holdline (mode `on`) is to cost at most. The one place where this stands.

/** `of`: the kinds of cells; `figure`: which of their figures; `atMost`: its limit. */
export const goals = [
  { text: 'CPU, hot: at most 1.03 × http.Agent', of: ['hot'], figure: 'cpu', atMost: 1.03 },
  { text: 'CPU, paced: at most 1.06 × http.Agent', of: ['paced'], figure: 'cpu', atMost: 1.06 },
  { text: 'CPU: below agentkeepalive', of: ['hot', 'paced'], figure: 'cpuToKeepalive', atMost: 1 },
  { text: 'p99: at most 1.05 × http.Agent', of: ['hot', 'paced'], figure: 'p99', atMost: 1.05 },
  { text: 'idle connection: at most 1 KB more heap', of: ['heap'], figure: 'more', atMost: 1_024, unit: 'B' },
  {
    text: 'stale GET: a new connection’s time + 2 ms',
    of: ['stale'],
    figure: 'late',
    atMost: 2,
    unit: 'ms',
  },
];

/**
 * Judges each goal in each cell that it speaks of. `met` and `not met` are said where the bounds allow it; where they lie
 * on both sides of the goal, it is `open`.
 *
 * @param results - See results.mjs.
 * @returns `{ goal, verdicts: { id, state, figure }[] }[]`, without goals that no cell speaks of.
 */
export function judge(results) {
  return goals
    .map((goal) => ({
      goal,
      verdicts: results
        .filter(({ kind }) => goal.of.includes(kind))
        .map(({ id, arms }) => ({ id, figure: arms.on?.[goal.figure] }))
        .filter(({ figure }) => figure !== undefined)
        .map(({ id, figure }) => ({ id, figure, state: stateOf(figure, goal.atMost) })),
    }))
    .filter(({ verdicts }) => verdicts.length > 0);
}

function stateOf({ lower, upper }, atMost) {
  if (upper <= atMost) return 'met';
  return lower > atMost ? 'not met' : 'open';
}
