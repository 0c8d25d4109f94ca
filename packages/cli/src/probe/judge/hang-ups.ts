import type { DangerWindow } from './advice.js';

/** Traffic to foretell hang-ups for. */
export interface Traffic {
  /** Requests in a second, to this server, over all connections. */
  readonly perSecond: number;
  /** Connections among which they are spread. */
  readonly connections: number;
}

/** How many requests would meet the close. */
export interface Expected {
  readonly perSecond: number;
  readonly connections: number;
  /** The share of requests, 0 to 1. */
  readonly share: number;
  readonly perDay: number;
}

const DAY_S = 86_400;

/**
 * Hang-ups of a client that keeps connections until the server closes them, for requests that come by chance (Poisson) and
 * are spread evenly: a request meets the close where the pause before it, on its connection, ends in the danger window.
 *
 * @param keepsMs - How long the client keeps an idle connection, in ms.
 */
export function expectedHangUps(
  { fromMs, toMs }: DangerWindow,
  traffic: Traffic,
  keepsMs = Number.POSITIVE_INFINITY,
): Expected {
  const perMs = traffic.perSecond / traffic.connections / 1_000;
  const endMs = Math.min(toMs ?? Number.POSITIVE_INFINITY, keepsMs);
  const share = endMs <= fromMs ? 0 : Math.exp(-perMs * fromMs) - Math.exp(-perMs * endMs);
  return { ...traffic, share, perDay: share * traffic.perSecond * DAY_S };
}

/** The worst that such traffic can do: one request for each limit on each connection. */
export function worstShare({ fromMs, toMs }: DangerWindow): number {
  // A silent drop has no end: what comes later is lost as well.
  return toMs === null ? 1 : Math.exp(-fromMs / toMs) - Math.exp(-1);
}
