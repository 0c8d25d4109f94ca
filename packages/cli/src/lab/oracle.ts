// The oracle: how few connects the same traffic needs of a client that knows all beforehand. It keeps anybody from
// "winning" by never reusing.

/** One request, on the client's clock, in ms. */
export interface Interval<Kind extends string = string> {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: Kind;
  /** Requests of one pool may share connections. */
  readonly pool: number;
}

/** What the oracle knows of B. */
export interface TrueLimits {
  /** The idle time after which B closes, in ms; left out: never. */
  readonly idleLimitMs?: number;
  /** The most requests that B takes on a connection. */
  readonly maxRequestsPerConnection?: number;
  /**
   * B starts to count when its answer leaves, and stops when the next request arrives: half a round trip each before and
   * after what the client sees.
   */
  readonly roundTripMs: number;
}

/** What the oracle would have done. */
export interface Prophecy<Kind extends string = string> {
  readonly connects: number;
  /** Requests on a connection that had served before, by kind. */
  readonly reused: ReadonlyMap<Kind, number>;
}

/**
 * The fewest connects with which the requests could have been sent: each goes on a connection that is free and that B
 * still keeps, and of those on the one that B would close first.
 *
 * Without a bound on a connection's requests that is optimal: it leaves those that close later to the requests that come
 * later. With one it is what a sensible client does, and may be above the optimum.
 */
export function consultOracle<Kind extends string>(
  requests: readonly Interval<Kind>[],
  { idleLimitMs = Number.POSITIVE_INFINITY, maxRequestsPerConnection, roundTripMs }: TrueLimits,
): Prophecy<Kind> {
  const usableMs = idleLimitMs - roundTripMs;
  const reused = new Map<Kind, number>();
  let connects = 0;
  const pools = new Map<number, Connection[]>();
  for (const { startMs, endMs, kind, pool } of requests.toSorted((one, other) => one.startMs - other.startMs)) {
    const kept = (pools.get(pool) ?? []).filter(({ busyUntilMs }) => startMs - busyUntilMs < usableMs);
    pools.set(pool, kept);
    const free = kept.filter(({ busyUntilMs }) => busyUntilMs <= startMs);
    const first = free.sort((one, other) => one.busyUntilMs - other.busyUntilMs || other.left - one.left)[0];
    const connection = first ?? { busyUntilMs: endMs, left: maxRequestsPerConnection ?? Number.POSITIVE_INFINITY };
    if (first) reused.set(kind, (reused.get(kind) ?? 0) + 1);
    else {
      connects++;
      kept.push(connection);
    }
    connection.busyUntilMs = endMs;
    connection.left--;
    if (connection.left <= 0) kept.splice(kept.indexOf(connection), 1);
  }
  return { connects, reused };
}

interface Connection {
  busyUntilMs: number;
  /** Requests that B still takes on it. */
  left: number;
}
