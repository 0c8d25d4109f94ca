import type { HistoryRecord } from '../../records.js';
import { type Histogram, HistogramBuilder } from './histogram.js';
import { isSuccess } from './incidents.js';

/** How long a client's answered requests took. */
export interface Latencies {
  /** Those that were sent once. */
  readonly once: Histogram;
  /** Those that were sent again. */
  readonly cured: Histogram;
}

/** Measures latencies from a history; holds no more than the requests that are on their way. */
export class LatencyCollector {
  readonly byClient = new Map<string, { readonly once: HistogramBuilder; readonly cured: HistogramBuilder }>();
  readonly #replayed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #sentMs = new Map<string, Map<string, number>>();

  /** `replayed`: the ids that were sent again, by client. */
  constructor(replayed: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#replayed = replayed;
  }

  takeRecord(record: HistoryRecord): void {
    if (record.type !== 'sent' && record.type !== 'answered' && record.type !== 'failed') return;
    const onTheirWay = this.#sentMs.get(record.client) ?? new Map<string, number>();
    this.#sentMs.set(record.client, onTheirWay);
    if (record.type === 'sent') {
      onTheirWay.set(record.id, record.atMs);
      return;
    }
    const sentMs = onTheirWay.get(record.id);
    onTheirWay.delete(record.id);
    if (isSuccess(record) && sentMs !== undefined) this.#add(record.client, record.id, record.atMs - sentMs);
  }

  #add(client: string, id: string, tookMs: number): void {
    const of = this.byClient.get(client) ?? { once: new HistogramBuilder(), cured: new HistogramBuilder() };
    this.byClient.set(client, of);
    (this.#replayed.get(client)?.has(id) ? of.cured : of.once).add(tookMs);
  }
}
