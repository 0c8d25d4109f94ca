import type { Cell, Round, Summary, Verdict } from '../../summary.js';
import { harmfulTwice, isOnHoldline } from './incidents.js';

/** The table of clients × faults. */
export interface Matrix {
  readonly columns: readonly Column[];
  /** A client bare and on Holdline, side by side. */
  readonly pairs: readonly (readonly Row[])[];
}

export interface Column {
  readonly round: Round;
  /** What tells it from other rounds with the same fault; empty where there is none. */
  readonly detail: string;
}

export interface Row {
  readonly client: string;
  readonly title: string;
  readonly onHoldline: boolean;
  /** One for each column; `undefined` where the client was not in that round. */
  readonly cells: readonly (Cell | undefined)[];
  readonly sums: Sums;
}

/**
 * What a cell is to whoever looks: its verdict, that it did not run, or, of a peer whom nobody judges, that its callers
 * were harmed: errors, or requests lost or executed twice.
 */
export type State = Verdict | 'harmed' | 'skipped';

export function stateOf(cell: Cell): State {
  const { verdict, skipped, findings, decides } = cell;
  if (skipped !== undefined) return 'skipped';
  if (decides || verdict !== 'pass' || findings === undefined) return verdict;
  const harms = hungUpOf(findings) + findings.lost + findings.silent + findings.mixedUp + harmfulTwice(cell);
  return harms > 0 ? 'harmed' : 'pass';
}

/** Added up over cells that ran. */
export interface Sums {
  /** The worst of them. */
  readonly state: State;
  readonly cells: number;
  readonly sent: number;
  readonly hungUp: number;
  readonly twice: number;
  readonly lost: number;
  readonly silent: number;
  readonly crossings: number;
  readonly cured: number;
}

export function matrixOf({ rounds }: Summary): Matrix {
  const columns = rounds.map((round) => ({ round, detail: detailOf(round, rounds) }));
  const rows = new Map<string, Cell>();
  for (const cell of rounds.flatMap((round) => round.cells)) if (!rows.has(cell.client)) rows.set(cell.client, cell);

  const pairs = new Map<string, Row[]>();
  for (const { client, title, bareId } of rows.values()) {
    const cells = rounds.map((round) => round.cells.find((cell) => cell.client === client));
    const onHoldline = isOnHoldline({ client, ...(bareId !== undefined && { bareId }) });
    const row = { client, title, onHoldline, cells, sums: sumsOf(cells.filter((cell) => cell !== undefined)) };
    const pair = pairs.get(bareId ?? client) ?? [];
    pairs.set(bareId ?? client, pair);
    if (onHoldline) pair.push(row);
    else pair.unshift(row);
  }
  return { columns, pairs: [...pairs.values()] };
}

/** The parts in which a round differs from others that have its fault. */
function detailOf(round: Round, rounds: readonly Round[]): string {
  const alike = rounds.filter(({ fault }) => fault === round.fault);
  const parts: ((of: Round) => string)[] = [
    (of) => of.server,
    (of) => of.workload,
    (of) => of.link.kind,
    (of) => `${of.link.roundTripMs} ms`,
    (of) => (of.idleLimitMs === undefined ? 'no limit' : `limit ${of.idleLimitMs} ms`),
    (of) => (of.told === 'nothing' ? 'untold' : of.told),
  ];
  return parts
    .filter((part) => alike.some((other) => part(other) !== part(round)))
    .map((part) => part(round))
    .join(' · ');
}

const WORST_FIRST: readonly State[] = ['fail', 'harmed', 'unknown', 'pass'];

export function sumsOf(cells: readonly Cell[]): Sums {
  const ran = cells.filter((cell) => cell.findings !== undefined);
  const judged = cells.filter((cell) => cell.skipped === undefined);
  const sum = (value: (findings: NonNullable<Cell['findings']>) => number) =>
    ran.reduce((total, { findings }) => total + (findings === undefined ? 0 : value(findings)), 0);
  const states = new Set(judged.map(stateOf));
  return {
    state: WORST_FIRST.find((state) => states.has(state)) ?? 'skipped',
    cells: judged.length,
    sent: sum(({ sent }) => sent),
    hungUp: sum(hungUpOf),
    twice: ran.reduce((total, cell) => total + harmfulTwice(cell), 0),
    lost: sum(({ lost }) => lost),
    silent: sum(({ silent }) => silent),
    crossings: sum(({ crossings }) => crossings),
    cured: sum(({ replayedBy }) => Object.values(replayedBy).reduce((a, b) => a + b, 0)),
  };
}

/** Hung up, of all kinds. */
export function hungUpOf({ hungUp }: Pick<NonNullable<Cell['findings']>, 'hungUp'>): number {
  return hungUp.GET + hungUp.POST + hungUp['keyed POST'];
}
