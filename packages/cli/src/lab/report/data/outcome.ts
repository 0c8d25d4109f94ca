import type { Cell, Round, Summary, Verdict } from '../../summary.js';
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

/** Clients that did not pass in one round, for one and the same reason. */
export interface Against {
  readonly verdict: Verdict | 'skipped';
  readonly round: Round;
  readonly reason: string;
  readonly cells: readonly Cell[];
}

interface Judged {
  readonly round: Round;
  readonly cell: Cell;
}

export function outcomeOf(summary: Summary): Outcome {
  const all = summary.rounds.flatMap((round) => round.cells.map((cell) => ({ round, cell })));
  const deciding = all.filter(({ cell }) => cell.decides);
  const [onHoldline, bare] = [true, false].map((wanted) =>
    sumsOf(all.map(({ cell }) => cell).filter((cell) => isOnHoldline(cell) === wanted)),
  ) as [Sums, Sums];
  return { sentence: sentenceOf(summary, deciding), against: againstOf(deciding, summary.rounds), bare, onHoldline };
}

function againstOf(deciding: readonly Judged[], rounds: readonly Round[]): readonly Against[] {
  const groups = new Map<string, { verdict: Verdict | 'skipped'; round: Round; reason: string; cells: Cell[] }>();
  for (const { round, cell } of deciding) {
    // Of a round that did not run its cells have nothing to tell.
    if (cell.verdict === 'pass' || round.skipped !== undefined) continue;
    const verdict = cell.skipped === undefined ? cell.verdict : 'skipped';
    const reason = cell.skipped === undefined ? cell.reasons.join('; ') : whyNot(cell.skipped);
    const key = JSON.stringify([verdict, round.id, reason]);
    const group = groups.get(key) ?? { verdict, round, reason, cells: [] };
    groups.set(key, group);
    group.cells.push(cell);
  }
  const skippedRounds = rounds.flatMap((round) =>
    round.skipped === undefined
      ? []
      : [{ verdict: 'skipped' as const, round, reason: whyNot(round.skipped), cells: [] }],
  );
  const order = ['fail', 'unknown', 'skipped', 'pass'];
  return [...groups.values(), ...skippedRounds].toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

function whyNot({ what, remedy }: NonNullable<Cell['skipped']>): string {
  return `not run: ${what}. ${remedy}`;
}

function sentenceOf({ complete, rounds }: Summary, all: readonly Judged[]): string {
  const deciding = all.filter(({ cell }) => cell.skipped === undefined);
  const having = (verdict: Verdict) => deciding.filter(({ cell }) => cell.verdict === verdict).length;
  const failed = having('fail');
  const unknown = having('unknown');
  const whose = deciding.every(({ cell }) => isOnHoldline(cell)) ? 'on Holdline' : 'that decide';
  const cells = `${deciding.length} ${deciding.length === 1 ? 'cell' : 'cells'} ${whose}`;
  const skipped = rounds.filter((round) => round.skipped !== undefined).length;
  const parts = [
    deciding.length === 0
      ? 'No cell ran that the verdict could depend on.'
      : failed > 0
        ? `${failed} of ${cells} failed.`
        : unknown > 0
          ? `None of ${cells} failed.`
          : `All ${cells} passed.`,
    ...(unknown > 0 ? [`${unknown} could not show what ${unknown === 1 ? 'it was' : 'they were'} to show.`] : []),
    ...(skipped > 0 ? [`${skipped} of ${rounds.length} rounds did not run.`] : []),
    ...(complete ? [] : ['The run was interrupted: this is what was recorded until then.']),
  ];
  return parts.join(' ');
}
