import { join } from 'node:path';

/** Writes the page of a run and gives its path. This stands in until the page itself is there. */
export async function writeReport(runDirectory: string): Promise<string> {
  throw new Error(`${join(runDirectory, 'report.html')} cannot be made yet: this build has no report`);
}
