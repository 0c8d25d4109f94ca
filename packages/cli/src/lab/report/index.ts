import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSummary } from '../store.js';
import { readTrace, type Trace } from './data/trace.js';
import { page } from './page/page.js';

/**
 * Makes the page of a run: one HTML document that needs nothing else, neither network nor script.
 *
 * @param runDirectory - The run's folder, with `summary.json` and `rounds/ID/{history,ledger}.ndjson`. Without a round's
 * history and ledger its pictures are left out, and the page says so.
 * @throws Where the folder holds no summary that can be read, or a line of a history is no JSON.
 */
export async function renderReport(runDirectory: string): Promise<string> {
  const summary = readSummary(runDirectory);
  const traces: Trace[] = [];
  // One after another: what is being read of a round is dropped before the next.
  for (const round of summary.rounds) traces.push(await readTrace(join(runDirectory, 'rounds', round.id), round));
  return page(summary, traces);
}

/** As {@link renderReport}, but writes the page to a file, and returns its path: `report.html` in the run's folder. */
export async function writeReport(runDirectory: string, outFile = join(runDirectory, 'report.html')): Promise<string> {
  await writeFile(outFile, await renderReport(runDirectory));
  return outFile;
}
