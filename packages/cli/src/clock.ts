/**
 * The machine's monotonic clock, in ms. Every process on the machine reads the same clock, so that what A, B and the
 * link write down can be put in order.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Resolves after a time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
