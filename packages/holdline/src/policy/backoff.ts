/** How long to wait between attempts. */
export interface BackoffLimits {
  /** The longest wait before the first retry, in ms; it doubles with each further one. */
  readonly baseDelayMs: number;
  /** Where the doubling ends, in ms. */
  readonly maxDelayMs: number;
}

/**
 * The wait before a retry: exponential, with full jitter, which spreads clients that failed together better than any
 * other (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param retry - Which retry it is, from 1.
 * @param random - A number from 0 to below 1.
 * @returns ms, from 0 to the bound of this retry.
 */
export function backoffMs(retry: number, limits: BackoffLimits, random: number): number {
  return random * Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** (retry - 1));
}
