import type { AnsweredRecord, FailedRecord, HistoryRecord, LedgerEntry, ReplayedRecord } from '../../records.js';
import type { Cell } from '../../summary.js';

/** What a picture is drawn of, the worst first. `twice`: a POST, or a keyed one's effect; a GET twice does no harm. */
export const incidentKinds = ['twice', 'lost', 'hang-up', 'cured'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** The first of its kind, on one side, in a round. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly client: string;
  /** The request's. */
  readonly id: string;
  /** When it was there: the error, the answer, the second execution, the replay. */
  readonly atMs: number;
}

/** An answer that says that B did it. */
export function isSuccess(record: HistoryRecord): record is AnsweredRecord {
  return record.type === 'answered' && record.status >= 200 && record.status < 300;
}

/** A 408 that was there before the request was is a hang-up, too: B was closing. */
function isHangUp(record: HistoryRecord): record is FailedRecord | AnsweredRecord {
  return record.type === 'failed' ? record.hangUp : record.type === 'answered' && record.status === 408;
}

type Side = 'holdline' | 'bare';

/** Whether the client of a cell is one on Holdline. */
export function isOnHoldline(cell: Pick<Cell, 'client' | 'bareId'>): boolean {
  return cell.bareId !== undefined && cell.bareId !== cell.client;
}

/** Executions that do harm where there is more than one. */
export function harmfulTwice({ findings }: Pick<Cell, 'findings'>): number {
  return findings === undefined ? 0 : findings.twice.POST + findings.twice['keyed POST'];
}

/**
 * Finds the first incidents of a round, first for the clients on Holdline and first for the others: give it the ledger's
 * entries, then the history's records.
 */
export class IncidentFinder {
  /** The ids that were sent again, and to good purpose, by client. */
  readonly replayed = new Map<string, Set<string>>();
  readonly #first = new Map<string, Incident>();
  readonly #sides: ReadonlyMap<string, Side>;
  /** The ids that B executed, of those clients alone that are known to have lost or doubled one: a million is a lot. */
  readonly #executed: ReadonlyMap<string, Set<string>>;

  constructor(cells: readonly Cell[]) {
    this.#sides = new Map(cells.map((cell) => [cell.client, isOnHoldline(cell) ? 'holdline' : 'bare']));
    const doubtful = cells.filter((cell) => harmfulTwice(cell) > 0 || (cell.findings?.lost ?? 0) > 0);
    this.#executed = new Map(doubtful.map((cell) => [cell.client, new Set()]));
  }

  takeEntry(entry: LedgerEntry): void {
    if (entry.event !== 'executed') return;
    const executed = this.#executed.get(entry.client);
    if (executed === undefined) return;
    const harms = entry.kind === 'POST' || (entry.kind === 'keyed POST' && entry.effect);
    if (harms && executed.has(entry.id)) this.#note('twice', entry.client, entry.id, entry.atMs);
    executed.add(entry.id);
  }

  takeRecord(record: HistoryRecord): void {
    if (isHangUp(record)) this.#note('hang-up', record.client, record.id, record.atMs);
    if (record.type === 'replayed' && record.ok) this.#takeReplay(record);
    if (isSuccess(record) && this.#executed.get(record.client)?.has(record.id) === false) {
      this.#note('lost', record.client, record.id, record.atMs);
    }
  }

  /** The worst kind first, and of a kind Holdline's first. */
  found(): readonly Incident[] {
    return incidentKinds
      .flatMap((kind) => [this.#first.get(`${kind} holdline`), this.#first.get(`${kind} bare`)])
      .filter((each) => each !== undefined);
  }

  #takeReplay({ client, id, atMs }: ReplayedRecord): void {
    const ids = this.replayed.get(client) ?? new Set();
    this.replayed.set(client, ids.add(id));
    this.#note('cured', client, id, atMs);
  }

  /** The earliest counts: what the link saw may stand behind what came later. */
  #note(kind: IncidentKind, client: string, id: string, atMs: number): void {
    const side = this.#sides.get(client);
    if (side === undefined) return;
    const known = this.#first.get(`${kind} ${side}`);
    if (known === undefined || atMs < known.atMs) this.#first.set(`${kind} ${side}`, { kind, client, id, atMs });
  }
}
