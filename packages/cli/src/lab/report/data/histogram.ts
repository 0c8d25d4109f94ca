/** Counts of times in bins whose widths grow with them: ten for each power of ten, from 0.1 ms on. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly total: number;
}

const BINS_PER_DECADE = 10;
const LOWEST_MS = 0.1;
const HIGHEST_BIN = BINS_PER_DECADE * 8;

/** The lower edge of a bin, in ms. The first one holds all that is quicker, too, the last one all that is slower. */
export function edgeMs(bin: number): number {
  return LOWEST_MS * 10 ** (bin / BINS_PER_DECADE);
}

/** The bin of a time in ms. */
export function binOf(ms: number): number {
  // The small addend keeps 1 ms, as a logarithm of floats, out of the bin that ends at 1 ms.
  const bin = Math.floor(Math.log10(Math.max(ms, LOWEST_MS) / LOWEST_MS) * BINS_PER_DECADE + 1e-9);
  return Math.min(bin, HIGHEST_BIN);
}

/** Counts what is added, in bounded memory. */
export class HistogramBuilder implements Histogram {
  readonly counts: number[] = [];
  total = 0;

  add(ms: number): void {
    const bin = binOf(ms);
    while (this.counts.length <= bin) this.counts.push(0);
    this.counts[bin] = (this.counts[bin] ?? 0) + 1;
    this.total += 1;
  }
}
