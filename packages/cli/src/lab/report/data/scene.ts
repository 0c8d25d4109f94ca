import type { ConnectionRecord, HistoryRecord, LedgerEntry } from '../../records.js';
import type { Incident } from './incidents.js';

/** What was recorded around an incident. */
export interface Scene extends Reach {
  readonly incident: Incident;
  /** What the client, or the link, wrote down of this one request, in the order of time. */
  readonly request: readonly RequestRecord[];
  /** When B executed it. */
  readonly executedMs: readonly number[];
  /**
   * What the link saw of the client's connections while the request was on its way, and the last of each sort before
   * that for those that were open then; in the order of time.
   */
  readonly connections: readonly ConnectionRecord[];
}

interface Reach {
  readonly fromMs: number;
  readonly toMs: number;
}

type RequestRecord = Exclude<HistoryRecord, { type: 'connection' | 'fault' }>;

/** What is shown before and after the request, in ms. */
function paddingMs(roundTripMs: number): number {
  return Math.max(3 * roundTripMs, 20);
}

/**
 * Collects one scene. It is given every record twice over: first those of the request, which tell how far the scene
 * reaches, then those of the connections; neither needs to be in order.
 */
export class SceneBuilder {
  readonly incident: Incident;
  readonly #paddingMs: number;
  #reach: Reach | undefined;
  readonly #request: RequestRecord[] = [];
  readonly #executedMs: number[] = [];
  readonly #within: ConnectionRecord[] = [];
  /** By connection, the last record of each sort before the scene. */
  readonly #before = new Map<number, Map<string, ConnectionRecord>>();

  constructor(incident: Incident, roundTripMs: number) {
    this.incident = incident;
    this.#paddingMs = paddingMs(roundTripMs);
  }

  takeEntry(entry: LedgerEntry): void {
    if (entry.event === 'executed' && this.#isOfRequest(entry)) this.#executedMs.push(entry.atMs);
  }

  takeRecord(record: HistoryRecord): void {
    if (record.type !== 'connection' && record.type !== 'fault' && this.#isOfRequest(record)) {
      this.#request.push(record);
    }
  }

  takeConnection(record: ConnectionRecord): void {
    if (record.client !== this.incident.client) return;
    this.#reach ??= this.#bounds();
    const { fromMs, toMs } = this.#reach;
    if (record.atMs > toMs) return;
    if (record.atMs >= fromMs) this.#within.push(record);
    else this.#remember(record);
  }

  build(): Scene {
    const open = [...this.#before.values()].filter((each) => !hasEnded(each));
    const records = [...open.flatMap((each) => [...each.values()]), ...this.#within];
    return {
      incident: this.incident,
      request: this.#request.toSorted(byTime),
      executedMs: this.#executedMs.toSorted((a, b) => a - b),
      connections: records.toSorted(byTime),
      ...this.#bounds(),
    };
  }

  #isOfRequest({ client, id }: { readonly client: string; readonly id: string }): boolean {
    return client === this.incident.client && id === this.incident.id;
  }

  #bounds(): Reach {
    const times = [this.incident.atMs, ...this.#request.map(({ atMs }) => atMs), ...this.#executedMs];
    return { fromMs: Math.min(...times) - this.#paddingMs, toMs: Math.max(...times) + this.#paddingMs };
  }

  #remember(record: ConnectionRecord): void {
    const known = this.#before.get(record.connection) ?? new Map<string, ConnectionRecord>();
    if (known === ENDED) return;
    const sort = record.what === 'fin' ? `fin ${record.from}` : record.what;
    const last = known.get(sort);
    if (last === undefined || last.atMs <= record.atMs) known.set(sort, record);
    // Where a round opens many connections, only those that are open need be kept.
    this.#before.set(record.connection, hasEnded(known) ? ENDED : known);
  }
}

const ENDED: Map<string, ConnectionRecord> = new Map();

function hasEnded(last: ReadonlyMap<string, ConnectionRecord>): boolean {
  return last === ENDED || last.has('reset') || (last.has('fin A') && (last.has('fin B') || last.has('fin link')));
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs;
}
