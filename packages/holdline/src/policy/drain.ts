/** The times that a drain is made of, in ms. */
export interface DrainTimes {
  /** How long new connections are still accepted after readiness has turned false, for the load balancer to see it. */
  readonly noticeMs: number;
  /** How long the longest request takes. */
  readonly longestRequestMs: number;
  /** How long an idle connection is left alone, for its client may still use it. */
  readonly idleMs: number;
  /** How long what still arrives is read after a FIN. */
  readonly lingerMs: number;
}

/**
 * How long a drain takes at most: notice, then the longest request that was accepted last, then the idle time of its
 * connection, where its response could not be marked as the last one, then the linger.
 */
export function drainBoundMs(times: DrainTimes): number {
  return times.noticeMs + times.longestRequestMs + times.idleMs + times.lingerMs;
}

/** What a supervisor has to be told, in whole seconds, so that it does not kill a drain: the bound, and 5 s to exit in. */
export function graceSeconds(times: DrainTimes): number {
  return Math.ceil((drainBoundMs(times) + 5_000) / 1000);
}

/** What a connection is doing, as far as a drain is concerned. */
export interface DrainedConnection {
  /** A response is not whole yet. */
  readonly isAnswering: boolean;
  /** It is another protocol's, since an upgrade or a CONNECT. */
  readonly upgraded: boolean;
  /** Since when no request holds it: the end of the last response, or its beginning. Monotonic ms. */
  readonly idleSinceMs: number;
}

/** When an idle connection may be closed, in monotonic ms; `Infinity` while something else has to end first. */
export function closeDueMs(connection: DrainedConnection, idleMs: number): number {
  if (connection.isAnswering || connection.upgraded) return Number.POSITIVE_INFINITY;
  return connection.idleSinceMs + idleMs;
}

/** What is known of the clients, for {@link residualRisk}. */
export interface ClientKnowledge {
  /** How long they keep an idle connection, in ms, if it was said. */
  readonly clientIdleMs: number | undefined;
  /** Whether they certainly let go after that time. */
  readonly bounded: boolean;
  /** How long the drain leaves an idle connection alone, in ms. */
  readonly idleMs: number;
}

/** Why a drain that cut nothing may still have closed a connection that was about to be used, if it may. */
export function residualRisk({ clientIdleMs, bounded, idleMs }: ClientKnowledge): string | undefined {
  const closed = `a connection is closed after ${idleMs} ms without a request`;
  if (clientIdleMs === undefined) {
    return `how long clients keep an idle connection is unknown; ${closed}: state behind or clientIdleMs`;
  }
  if (idleMs <= clientIdleMs) {
    return `clients keep an idle connection for ${clientIdleMs} ms, but ${closed}: leave them alone for longer`;
  }
  if (!bounded) return `the pool before the server has no strict idle limit; ${closed}`;
  return undefined;
}
