// What Holdline (mode `on`) is to cost at most. The one place where this stands.

const onUndici = ['connector', 'dispatcher'];

/** `of`: the kinds of cells; `arms`: of which arms; `figure`: which of their figures; `atMost`: its limit. */
export const goals = [
  { text: 'CPU, hot: at most 1.03 × http.Agent', of: ['hot'], arms: ['on'], figure: 'cpu', atMost: 1.03 },
  { text: 'CPU, paced: at most 1.06 × http.Agent', of: ['paced'], arms: ['on'], figure: 'cpu', atMost: 1.06 },
  { text: 'CPU: below agentkeepalive', of: ['hot', 'paced'], arms: ['on'], figure: 'cpuToPeer', atMost: 1 },
  { text: 'p99: at most 1.05 × http.Agent', of: ['hot', 'paced'], arms: ['on'], figure: 'p99', atMost: 1.05 },
  {
    text: 'idle connection: at most 1 KB more heap',
    of: ['heap'],
    arms: ['on'],
    figure: 'more',
    atMost: 1_024,
    unit: 'B',
  },
  {
    text: 'undici, CPU, hot: at most 1.03 × bare',
    ...{ of: ['hot'], arms: onUndici, figure: 'cpu', atMost: 1.03 },
  },
  {
    text: 'undici, CPU, paced: at most 1.03 × bare',
    ...{ of: ['paced'], arms: onUndici, figure: 'cpu', atMost: 1.03 },
  },
  {
    text: 'undici, CPU: at most 0.9 × RetryAgent',
    ...{ of: ['hot', 'paced'], arms: onUndici, figure: 'cpuToPeer', atMost: 0.9 },
  },
  { text: 'server, CPU: at most 1.02 × bare', of: ['hot'], arms: ['hardened'], figure: 'cpu', atMost: 1.02 },
  {
    text: 'server, idle connection: at most 300 B more',
    ...{ of: ['heap'], arms: ['hardened'], figure: 'more', atMost: 300, unit: 'B' },
  },
  {
    text: 'stale GET: a new connection’s time + 2 ms',
    ...{ of: ['stale'], arms: ['on', ...onUndici], figure: 'late', atMost: 2, unit: 'ms' },
  },
];

/**
 * Judges each goal in each cell that it speaks of, for each arm. `met` and `not met` are said where the bounds allow it; where they lie
 * on both sides of the goal, it is `open`.
 *
 * @param results - See results.mjs.
 * @returns `{ goal, verdicts: { id, arm, figure, state }[] }[]`, without goals that no cell speaks of.
 */
export function judge(results) {
  return goals
    .map((goal) => ({
      goal,
      verdicts: results
        .filter(({ kind }) => goal.of.includes(kind))
        .flatMap(({ id, arms }) => goal.arms.map((arm) => ({ id, arm, figure: arms[arm]?.[goal.figure] })))
        .filter(({ figure }) => figure !== undefined)
        .map((each) => ({ ...each, state: stateOf(each.figure, goal.atMost) })),
    }))
    .filter(({ verdicts }) => verdicts.length > 0);
}

function stateOf({ lower, upper }, atMost) {
  if (upper <= atMost) return 'met';
  return lower > atMost ? 'not met' : 'open';
}
