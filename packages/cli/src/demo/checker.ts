import type { History } from './history.js';
import type { Entry } from './ledger.js';
import type { Kind } from './workload.js';

/** What became of an arm's requests, by A's history and B's ledger. */
export interface Findings {
  readonly sent: number;
  readonly answered: number;
  /** The connection ended before the answer began, and A's code got the error. */
  readonly hungUp: number;
  /** Hang-ups whose request B had executed. */
  readonly hungUpExecuted: number;
  /** Hang-ups whose request B had not executed. */
  readonly hungUpNotExecuted: number;
  /** Hang-ups whose request B had not executed, and whose error does not say why it was not sent again. */
  readonly hungUpUnexplained: number;
  /** Hang-ups by the reason that their error gives. */
  readonly surfacedBy: Readonly<Record<string, number>>;
  /** Other errors. */
  readonly failed: number;
  /** Neither an answer nor an error. */
  readonly silent: number;
  /** Requests that Holdline sent again and that then were answered, by reason. */
  readonly replayedBy: Readonly<Record<string, number>>;
  /** Requests that A's own code sent again. */
  readonly retried: number;
  /** Requests that B executed more than once. */
  readonly executedTwice: Readonly<Record<Kind, number>>;
  /** Answered to A, but not in the ledger. */
  readonly lost: number;
  /** Connections that B saw. */
  readonly connects: number;
  /** From the request to the whole answer, of the answered ones, in ms. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** Judges one arm. */
export function check(arm: string, history: History, ledger: readonly Entry[]): Findings {
  const { calls } = history;
  const ofArm = ledger.filter((entry) => entry.arm === arm);
  const executions = new Map<string, { kind: Kind; times: number }>();
  for (const entry of ofArm) {
    if (entry.event !== 'executed') continue;
    const times = (executions.get(entry.id)?.times ?? 0) + 1;
    executions.set(entry.id, { kind: entry.kind, times });
  }
  const answered = calls.filter(({ outcome }) => outcome === 'answered');
  const hungUp = calls.filter(({ outcome }) => outcome === 'hung-up');
  const notExecuted = hungUp.filter(({ id }) => !executions.has(id));
  const twice = [...executions.values()].filter(({ times }) => times > 1);
  const latencies = answered.map(({ startedMs, endedMs }) => endedMs - startedMs).sort((one, other) => one - other);
  return {
    sent: calls.length,
    answered: answered.length,
    hungUp: hungUp.length,
    hungUpExecuted: hungUp.length - notExecuted.length,
    hungUpNotExecuted: notExecuted.length,
    hungUpUnexplained: notExecuted.filter(({ failure }) => !failure?.reason).length,
    surfacedBy: tally(hungUp.flatMap(({ failure }) => failure?.reason ?? [])),
    failed: calls.filter(({ outcome }) => outcome === 'failed').length,
    silent: calls.filter(({ outcome }) => outcome === 'silent').length,
    replayedBy: tally(history.replays.filter(({ ok }) => ok).map(({ reason }) => reason)),
    retried: calls.reduce((sum, { retries }) => sum + retries, 0),
    executedTwice: {
      GET: twice.filter(({ kind }) => kind === 'GET').length,
      POST: twice.filter(({ kind }) => kind === 'POST').length,
      'keyed POST': twice.filter(({ kind }) => kind === 'keyed POST').length,
    },
    lost: answered.filter(({ id }) => !executions.has(id)).length,
    connects: ofArm.filter(({ event }) => event === 'connected').length,
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The nearest-rank quantile of sorted numbers; 0 if there are none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}
