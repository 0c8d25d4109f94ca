import type { Entry } from './b.js';
import type { Outcome } from './run.js';

const NOTHING: Entry = { attempts: 0, executions: 0, effects: 0 };

/** Compares what A saw with what B wrote down. No problems mean that nothing was lost, and nothing done twice. */
export function problemsIn(outcomes: readonly Outcome[], ledger: ReadonlyMap<string, Entry>): string[] {
  return outcomes.flatMap((outcome) => {
    const entry = ledger.get(outcome.id) ?? NOTHING;
    return problemsOf(outcome, entry).map((problem) => `${outcome.id}: ${problem}`);
  });
}

function problemsOf({ kind, error, reason, abandoned }: Outcome, { attempts, executions, effects }: Entry): string[] {
  const problems: string[] = [];
  const surfaced = abandoned ? undefined : error;
  if (surfaced && kind !== 'post') problems.push(`surfaced though it may be sent again: ${surfaced.stack}`);
  if (surfaced && !reason) problems.push(`surfaced, and no hang-up of Holdline's explains it: ${surfaced.stack}`);
  if (!error && executions === 0) problems.push('lost: answered, but not in the ledger');
  if (kind === 'post' && executions > 1) problems.push(`executed ${executions} times`);
  if (kind === 'keyed' && effects > 1) problems.push(`its key had ${effects} effects`);
  if (attempts > 2) problems.push(`arrived ${attempts} times: the Line sends again once`);
  return problems;
}
