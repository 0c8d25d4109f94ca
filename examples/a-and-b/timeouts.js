/** B closes a connection that was idle for this long; A lets go of it before. In earnest rather a minute. */
export const IDLE_LIMIT_MS = 2_000;

/** How long B gives a request to arrive, and A an answer. Neither has to do with idle connections. */
export const REQUEST_TIMEOUT_MS = 10_000;
