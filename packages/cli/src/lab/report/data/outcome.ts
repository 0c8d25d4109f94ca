import type { Cell, Round, Summary } from '../../summary.js';
import { isOnHoldline } from './incidents.js';
import { type Sums, sumsOf } from './matrix.js';

/** A run in a few words: for whoever has ten seconds. */
export interface Outcome {
  readonly sentence: string;
  /** What it depends on and did not pass, the failures first. */
  readonly against: readonly Against[];
  /** The cells that are no part of Holdline, and those that are. */
  readonly bare: Sums;
  readonly onHoldline: Sums;
}

/** A client that did not pass, in one round. */
export interface Against {
  readonly round: Round;
  readonly cell: Cell;
}

export function outcomeOf(summary: Summary): Outcome {
  const all = summary.rounds.flatMap((round) => round.cells.map((cell) => ({ round, cell })));
  const deciding = all.filter(({ cell }) => cell.decides);
  const failed = deciding.filter(({ cell }) => cell.verdict === 'fail');
  const unknown = deciding.filter(({ cell }) => cell.verdict === 'unknown');
  const [onHoldline, bare] = [true, false].map((wanted) =>
    sumsOf(all.map(({ cell }) => cell).filter((cell) => isOnHoldline(cell) === wanted)),
  ) as [Sums, Sums];
  return {
    sentence: sentenceOf(summary, deciding.length, failed.length, unknown.length),
    against: [...failed, ...unknown],
    bare,
    onHoldline,
  };
}

function sentenceOf({ complete, rounds }: Summary, deciding: number, failed: number, unknown: number): string {
  const parts: string[] = [];
  if (deciding === 0) parts.push('There is no cell that the verdict could depend on.');
  else if (failed > 0) parts.push(`${failed} of the ${cells(deciding)} that decide failed.`);
  else if (unknown > 0) parts.push('Nothing that decides failed.');
  else parts.push(`All of the ${cells(deciding)} that decide passed.`);
  if (unknown > 0) parts.push(`${unknown} could not show what ${unknown === 1 ? 'it was' : 'they were'} to show.`);
  const skipped = rounds.filter((round) => round.skipped !== undefined).length;
  if (skipped > 0) parts.push(`${skipped} of ${rounds.length} rounds did not run.`);
  if (!complete) parts.push('The run was interrupted: this is what was recorded until then.');
  return parts.join(' ');
}

function cells(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}
