import type { Round } from './summary.js';

/** More than this beyond the link's round trip, where nothing goes wrong, is time that processes waited for a processor. */
const MOST_WAITED_MS = 50;

/**
 * What to tell of a machine that was too busy for its figures to mean much; nothing where it was not, or no round shows it.
 * Then processes wait for a processor, and the more a client has to compute, the longer.
 */
export function busyText(rounds: readonly Round[]): string | undefined {
  for (const { fault, link, cells } of rounds) {
    if (fault !== 'none') continue;
    const medians = cells.flatMap(({ findings }) => findings?.latencyMs.p50 ?? []).sort((one, other) => one - other);
    const median = medians[Math.floor(medians.length / 2)] ?? 0;
    if (median - link.roundTripMs > MOST_WAITED_MS)
      return `The machine was busy: where nothing went wrong, a request took ${Math.round(median)} ms over a link of ${link.roundTripMs} ms. Latencies, timeouts and rates are the machine's.`;
  }
  return undefined;
}
