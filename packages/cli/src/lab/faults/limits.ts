/**
 * The idle limit of a round, in ms: the shortest whose hint, in whole seconds, still lets Node's own agent reuse a
 * connection; so a round of 15 s meets it often.
 */
export const IDLE_LIMIT_MS = 2_000;

/** Longest of the idle times after which a B that closes at any time does so, in ms. */
export const ANY_TIME_MS = 500;
