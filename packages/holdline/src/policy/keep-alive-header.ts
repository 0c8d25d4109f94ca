/** What a server said of its idle connections in the `Keep-Alive` response header. */
export interface KeepAliveHint {
  /** How long the server says it keeps an idle connection, in ms. `0`: not at all. Absent: it did not say. */
  readonly timeoutMs?: number;
  /** The `max` parameter: a number of requests. Servers differ in what it counts; see `requestsLeft`. */
  readonly max?: number;
  /**
   * When exactly the server closes an idle connection, in ms, by Holdline's own parameter `limit-ms`: what `timeout` says
   * is cut to whole seconds, and less than what the server waits.
   */
  readonly limitMs?: number;
}

const PARAMETER = /(?:^|[,;])\s*(timeout|max|limit-ms)\s*=\s*(?:"(\d+)"|(\d+))\s*(?=$|[,;])/gi;
/** A day. A longer promise is one that no connection lives to see, and it keeps all sums far from overflow. */
const LONGEST_TIMEOUT_S = 86_400;

/**
 * Reads a `Keep-Alive` header's value: parameters in any order and case, quoted or not; a parameter that is malformed
 * or unknown is passed over. Of a repeated parameter the lowest counts, for that is the one that is safe to believe.
 *
 * The header is a hint: RFC 9112 §9.3 leaves it undefined and RFC 2068 §19.7.1.1 is its only description.
 *
 * @param value - The header's value; several headers joined by commas, as HTTP allows.
 * @returns An empty object where the value says nothing.
 * @example
 * parseKeepAlive('max=10, timeout=5'); // => { max: 10, timeoutMs: 5000 }
 */
export function parseKeepAlive(value: string): KeepAliveHint {
  let timeoutMs: number | undefined;
  let max: number | undefined;
  let limitMs: number | undefined;
  for (const [, name, quoted, bare] of value.matchAll(PARAMETER)) {
    const number = Number(quoted ?? bare);
    const word = name?.toLowerCase();
    if (word === 'max') max = Math.min(max ?? Number.MAX_SAFE_INTEGER, number);
    else if (word === 'limit-ms') limitMs = Math.min(limitMs ?? LONGEST_TIMEOUT_S * 1000, number);
    else timeoutMs = Math.min(timeoutMs ?? Number.MAX_SAFE_INTEGER, Math.min(number, LONGEST_TIMEOUT_S) * 1000);
  }
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(max !== undefined && { max }),
    ...(limitMs !== undefined && { limitMs }),
  };
}

/**
 * What a connection was told, when a further response tells it something.
 *
 * A server on Holdline tells `limit-ms` with the first response of a connection; that still holds while it promises the same.
 */
export function heldHint(before: KeepAliveHint, now: KeepAliveHint): KeepAliveHint {
  const { limitMs } = before;
  const holds = limitMs !== undefined && now.limitMs === undefined && now.timeoutMs === before.timeoutMs;
  return holds ? { ...now, limitMs } : now;
}

/** What a server says of itself, for {@link keepAliveHint}. */
export interface KeepAlivePromise {
  /** How long clients may use an idle connection, in ms. */
  readonly keepAliveTimeoutMs: number;
  /** When it is closed, in ms. */
  readonly limitMs: number;
  /** Requests that one connection may carry; 0 for any number. */
  readonly maxRequests: number;
}

/**
 * Writes a `Keep-Alive` header's value that tells the truth: `timeout` in whole seconds, never more than is kept, and in
 * `limit-ms` to the millisecond. Who does not know `limit-ms` passes it over, as RFC 2068 §19.7.1.1 wants it.
 *
 * @example
 * keepAliveHint({ keepAliveTimeoutMs: 65_000, limitMs: 66_000, maxRequests: 0 }); // => 'timeout=65, limit-ms=66000'
 */
export function keepAliveHint({ keepAliveTimeoutMs, limitMs, maxRequests }: KeepAlivePromise): string {
  const max = maxRequests > 0 ? `, max=${maxRequests}` : '';
  return `timeout=${Math.floor(keepAliveTimeoutMs / 1000)}${max}, limit-ms=${limitMs}`;
}

/**
 * How many more requests the server will take on a connection, by its `max` hints.
 *
 * Apache counts down (`max=99`, `max=98`, …), Node repeats the total (`maxRequestsPerSocket`): a number that fell since
 * the first response is what is left, one that did not is the total.
 *
 * @param firstMax - The `max` of the connection's first response.
 * @param lastMax - The `max` of its latest response.
 * @param served - Requests that the connection has carried.
 * @returns A count from 0; `Infinity` where the server set no limit.
 */
export function requestsLeft(firstMax: number | undefined, lastMax: number | undefined, served: number): number {
  if (firstMax === undefined || lastMax === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, lastMax < firstMax ? lastMax : lastMax - served);
}
