import { parseHttpDate } from './http-date.js';

/** What a response says of when to come back. */
export interface RetryAfterHeaders {
  /** The value of `Retry-After`. */
  readonly retryAfter: string;
  /** The value of `Date`: the server's own clock, by which it reckoned. */
  readonly date?: string | undefined;
}

/**
 * Reads a `Retry-After` header (RFC 9110 §10.2.3): seconds, or an HTTP date. A date is taken from the response's own
 * `Date` where there is one, so that it does not matter that client and server disagree about the time.
 *
 * @param wallMs - The client's wall time, in ms since 1970, for where there is no `Date`.
 * @returns How long the server wants to be left alone, in ms from 0; `undefined` where the value says nothing.
 * @example
 * retryAfterMs({ retryAfter: '120' }, 0); // => 120000
 */
export function retryAfterMs({ retryAfter, date }: RetryAfterHeaders, wallMs: number): number | undefined {
  const value = retryAfter.trim();
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const comeBackMs = parseHttpDate(value, wallMs);
  if (comeBackMs === undefined) return undefined;
  const serverMs = date === undefined ? undefined : parseHttpDate(date.trim(), wallMs);
  return Math.max(0, comeBackMs - (serverMs ?? wallMs));
}
