/** A server's timeouts, in ms. For the last two `0` means none. */
export interface ServerTimeouts {
  /** The idle time that clients are told of, in whole seconds. */
  readonly keepAliveTimeoutMs: number;
  /** How much later the server closes: what a request may be on its way. */
  readonly bufferMs: number;
  /** How long a request's head may take; from the connection's start, if it is its first. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
}

/** What the user states of them; each may be left out. */
export type StatedTimeouts = { readonly [Name in keyof ServerTimeouts]: ServerTimeouts[Name] | undefined };

/** What {@link orderTimeouts} starts from. */
export interface TimeoutFacts {
  readonly stated: StatedTimeouts;
  /** How long clients keep an idle connection, in ms, where that is known. */
  readonly clientIdleMs: number | undefined;
  /** What the server has so far. */
  readonly present: Pick<ServerTimeouts, 'keepAliveTimeoutMs' | 'headersTimeoutMs' | 'requestTimeoutMs'>;
}

/** A timeout that must be above a time, and is not. */
export interface Contradiction {
  readonly low: keyof ServerTimeouts;
  readonly lowMs: number;
  /** What it must be above (`inclusive`: not below). */
  readonly bound: 'clientIdleMs' | 'idleLimit' | 'headersTimeoutMs';
  readonly boundMs: number;
  readonly inclusive: boolean;
}

/** Timeouts that cannot race, or why those that were stated can. */
export type OrderedTimeouts =
  | { readonly ok: true; readonly timeouts: ServerTimeouts }
  | { readonly ok: false; readonly contradiction: Contradiction };

/** By how much longer than its clients a server keeps an idle connection. AWS's and Heroku's own templates take it, too. */
const LONGER_THAN_CLIENTS_MS = 5_000;
/** Where nothing is known of the clients: longer than the 60 s of most proxies. */
const UNKNOWN_CLIENTS_MS = 65_000;
const BUFFER_MS = 1_000;
/** How much later than an idle connection's end the limit for a head comes, so that never both are due. */
const HEADERS_LATER_MS = 1_000;

/**
 * Orders a server's timeouts: what its clients' pools keep < what it promises < when it closes an idle connection < how
 * long it waits for a head ≤ how long for a request. A connection that a proxy has opened and not used yet falls under
 * the limit for a head, therefore that one comes after the idle limit.
 *
 * What was not stated stays as the server has it, and is raised where the order needs it; it is never lowered.
 */
export function orderTimeouts({ stated, clientIdleMs, present }: TimeoutFacts): OrderedTimeouts {
  const longerThanClientsMs = clientIdleMs === undefined ? UNKNOWN_CLIENTS_MS : clientIdleMs + LONGER_THAN_CLIENTS_MS;
  const keepAliveTimeoutMs = stated.keepAliveTimeoutMs ?? Math.max(present.keepAliveTimeoutMs, longerThanClientsMs);
  const bufferMs = stated.bufferMs ?? BUFFER_MS;
  const limitMs = keepAliveTimeoutMs + bufferMs;
  const headersTimeoutMs = stated.headersTimeoutMs ?? raise(present.headersTimeoutMs, limitMs + HEADERS_LATER_MS);
  const requestTimeoutMs = stated.requestTimeoutMs ?? raise(present.requestTimeoutMs, headersTimeoutMs);
  const contradiction = firstOf([
    above('keepAliveTimeoutMs', keepAliveTimeoutMs, 'clientIdleMs', clientIdleMs ?? 0),
    above('headersTimeoutMs', headersTimeoutMs, 'idleLimit', limitMs),
    notBelow('requestTimeoutMs', requestTimeoutMs, 'headersTimeoutMs', headersTimeoutMs),
  ]);
  if (contradiction) return { ok: false, contradiction };
  return { ok: true, timeouts: { keepAliveTimeoutMs, bufferMs, headersTimeoutMs, requestTimeoutMs } };
}

/** The idle time after which the server closes, in ms. */
export function idleLimitMs(timeouts: ServerTimeouts): number {
  return timeouts.keepAliveTimeoutMs + timeouts.bufferMs;
}

/** `0`, no limit, is above all. */
function raise(present: number, leastMs: number): number {
  return present === 0 || leastMs === 0 ? 0 : Math.max(present, leastMs);
}

function above(
  low: Contradiction['low'],
  lowMs: number,
  bound: Contradiction['bound'],
  boundMs: number,
): Contradiction | undefined {
  const isNone = lowMs === 0 && low !== 'keepAliveTimeoutMs';
  return isNone || lowMs > boundMs ? undefined : { low, lowMs, bound, boundMs, inclusive: false };
}

function notBelow(
  low: Contradiction['low'],
  lowMs: number,
  bound: Contradiction['bound'],
  boundMs: number,
): Contradiction | undefined {
  if (lowMs === 0 || (boundMs > 0 && lowMs >= boundMs)) return undefined;
  return { low, lowMs, bound, boundMs, inclusive: true };
}

function firstOf(found: readonly (Contradiction | undefined)[]): Contradiction | undefined {
  return found.find((each) => each !== undefined);
}
