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

const sleepers = new WeakMap<AbortSignal, Set<() => void>>();

/** Resolves after a time, or when the signal is aborted. For thousands at once: they share one listener. */
export function sleepUnless(signal: AbortSignal, ms: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const asleep = sleepers.get(signal) ?? new Set();
  if (!sleepers.has(signal)) {
    sleepers.set(signal, asleep);
    signal.addEventListener('abort', () => {
      for (const wake of asleep) wake();
    });
  }
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      asleep.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    asleep.add(wake);
  });
}
