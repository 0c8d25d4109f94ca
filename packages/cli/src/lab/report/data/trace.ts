import { join } from 'node:path';
import type { HistoryRecord, LedgerEntry } from '../../records.js';
import type { Round } from '../../summary.js';
import { IncidentFinder } from './incidents.js';
import { type Latencies, LatencyCollector } from './latencies.js';
import { type LinesRead, readRecords } from './lines.js';
import { type Scene, SceneBuilder } from './scene.js';

/** What a page shows of a round besides its summary. */
export interface Trace {
  readonly latencies: ReadonlyMap<string, Latencies>;
  readonly scenes: readonly Scene[];
  /** What is not there, or not whole, in words. */
  readonly gaps: readonly string[];
}

/**
 * Reads a round's history and ledger, several times over rather than into memory: what happened first, then what the
 * requests in question met, then what their connections did.
 */
export async function readTrace(directory: string, round: Round): Promise<Trace> {
  const readLedger = (take: (entry: LedgerEntry) => void) =>
    readRecords(join(directory, 'ledger.ndjson'), (entry) => take(entry as LedgerEntry));
  const readHistory = (take: (record: HistoryRecord) => void) =>
    readRecords(join(directory, 'history.ndjson'), (record) => take(record as HistoryRecord));

  const finder = new IncidentFinder(round.cells);
  const ledger = await readLedger((entry) => finder.takeEntry(entry));
  const history = await readHistory((record) => finder.takeRecord(record));

  const latencies = new LatencyCollector(finder.replayed);
  const scenes = finder.found().map((incident) => new SceneBuilder(incident, round.link.roundTripMs));
  await readHistory((record) => {
    latencies.takeRecord(record);
    for (const scene of scenes) scene.takeRecord(record);
  });
  if (scenes.length > 0) {
    await readLedger((entry) => {
      for (const scene of scenes) scene.takeEntry(entry);
    });
    await readHistory((record) => {
      if (record.type !== 'connection') return;
      for (const scene of scenes) scene.takeConnection(record);
    });
  }
  return {
    latencies: latencies.byClient,
    scenes: scenes.map((scene) => scene.build()),
    gaps: [...gapsOf('history.ndjson', history), ...gapsOf('ledger.ndjson', ledger)],
  };
}

function gapsOf(name: string, { found, cut }: LinesRead): string[] {
  if (!found) return [`There is no ${name}, so what is drawn from it is left out.`];
  return cut ? [`${name} ends amid a line, as where its writer was killed; that line is left out.`] : [];
}
