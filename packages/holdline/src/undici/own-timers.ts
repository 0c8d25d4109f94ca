/** Undici's options for how long an idle connection is kept, in ms. */
export interface KeepAliveOptions {
  /** Where the server hints nothing. */
  readonly keepAliveTimeout?: number | null | undefined;
  /** At most, whatever the server hints. */
  readonly keepAliveMaxTimeout?: number | null | undefined;
  /** How much less than the server hints. */
  readonly keepAliveTimeoutThreshold?: number | null | undefined;
}

/** Undici's defaults. */
const TIMEOUT_MS = 4_000;
const MAX_TIMEOUT_MS = 600_000;
const THRESHOLD_MS = 2_000;

/** How long undici keeps an idle connection under these options, given the server's hint. */
export function undiciIdleMs(options: KeepAliveOptions, hintMs: number | undefined): number {
  if (hintMs === undefined) return options.keepAliveTimeout ?? TIMEOUT_MS;
  const { keepAliveMaxTimeout, keepAliveTimeoutThreshold } = options;
  return Math.min(hintMs - (keepAliveTimeoutThreshold ?? THRESHOLD_MS), keepAliveMaxTimeout ?? MAX_TIMEOUT_MS);
}

/**
 * Undici's keep-alive options with which it never lets go before a Line does, whose cutoff is nowhere above `maxIdleMs`,
 * and lets go then, whatever becomes of the Line. What the user has set stays.
 */
export function outOfTheWay(options: KeepAliveOptions, maxIdleMs: number): KeepAliveOptions {
  const most = Math.max(1, maxIdleMs);
  return {
    keepAliveTimeout: options.keepAliveTimeout ?? most,
    keepAliveMaxTimeout: options.keepAliveMaxTimeout ?? most,
    // from a hint below that bound, so that what the user says of a server goes before what the server says
    keepAliveTimeoutThreshold: options.keepAliveTimeoutThreshold ?? -most,
  };
}
