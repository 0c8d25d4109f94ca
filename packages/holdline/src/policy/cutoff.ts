/**
 * Where an idle limit is known from. `told`: exactly, by a server that runs Holdline, too. `assumed`: nothing is known of
 * this origin.
 */
export type LimitSource = 'stated' | 'told' | 'hinted' | 'assumed';

/** The idle time after which a server closes, as far as it is known. */
export interface IdleLimit {
  readonly limitMs: number;
  readonly source: LimitSource;
}

/**
 * How roughly each source knows the limit, in ms: a hint is given in whole seconds; a stated or told limit is
 * taken at its word; the assumed one is chosen below what servers commonly have, so it needs no allowance.
 */
const RESOLUTION_MS: Readonly<Record<LimitSource, number>> = { stated: 0, told: 0, hinted: 1000, assumed: 0 };

/** What is known about an origin's idle limit, for {@link idleLimit}. */
export interface LimitKnowledge {
  /** The user's `origins[…].idleLimitMs`, in ms. */
  readonly statedMs: number | undefined;
  /** The latest `limit-ms` of `Keep-Alive`, in ms. */
  readonly toldMs: number | undefined;
  /** The latest `Keep-Alive: timeout`, in ms. */
  readonly hintMs: number | undefined;
  /** The user's `unknownIdleLimitMs`, in ms. */
  readonly unknownIdleLimitMs: number;
}

/** Chooses the idle limit to believe: the user's word, else the server's exact one, else its hint, else the assumption. */
export function idleLimit(known: LimitKnowledge): IdleLimit {
  if (known.statedMs !== undefined) return { limitMs: known.statedMs, source: 'stated' };
  if (known.toldMs !== undefined) return { limitMs: known.toldMs, source: 'told' };
  if (known.hintMs !== undefined) return { limitMs: known.hintMs, source: 'hinted' };
  return { limitMs: known.unknownIdleLimitMs, source: 'assumed' };
}

/** What a margin is made of. */
export interface MarginFacts {
  /** The user's `marginMs`. A number stands for the whole margin. */
  readonly marginMs: 'auto' | number;
  /** The round trip to the origin, in ms; 0 while it is not measured. */
  readonly rttMs: number;
  /** How late this process's event loop runs, in ms. */
  readonly clientLagMs: number;
}

/**
 * The time by which a client lets go earlier than the server closes: a request needs half a round trip to get there,
 * the client saw the response half a round trip and one loop turn late, and the limit itself is known roughly. Never
 * more than half the limit, or a server with a short one could not be used at all.
 *
 * @returns ms, from 0 to half the limit.
 */
export function marginMs(limit: IdleLimit, facts: MarginFacts): number {
  const wanted =
    facts.marginMs === 'auto' ? facts.rttMs + facts.clientLagMs + RESOLUTION_MS[limit.source] : facts.marginMs;
  return Math.min(wanted, limit.limitMs / 2);
}

/**
 * The idle time from which the client no longer reuses a connection: the limit less the margin, within the user's
 * bound.
 *
 * @param maxIdleMs - The user's upper bound, in ms.
 * @returns ms; 0 means that a connection is not reused at all.
 */
export function idleCutoffMs(limit: IdleLimit, facts: MarginFacts, maxIdleMs: number): number {
  return Math.min(maxIdleMs, limit.limitMs - marginMs(limit, facts));
}
