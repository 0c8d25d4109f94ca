import type { Findings } from '../../src/lab/summary.js';

const none = { GET: 0, POST: 0, 'keyed POST': 0 };
const reuse = { requests: 0, reused: 0, oracle: 0 };

/** Findings in which nothing is wrong, but for what is stated. */
export function findings(changes: Partial<Findings> = {}): Findings {
  return {
    sent: 10,
    answered: 10,
    hungUp: none,
    surfacedNotExecuted: 0,
    surfacedExecuted: 0,
    surfacedBy: {},
    uncured: 0,
    failedBy: {},
    silent: 0,
    lost: 0,
    mixedUp: 0,
    twice: none,
    crossings: 3,
    replayedBy: {},
    latencyMs: { p50: 1, p99: 2, max: 3 },
    connects: 1,
    oracleConnects: 1,
    reuse: { GET: reuse, POST: reuse, 'keyed POST': reuse },
    byIdleTime: [],
    ...changes,
  };
}
