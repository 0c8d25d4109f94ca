/** What a feeler's worth depends on. */
export interface FeelerFacts {
  /** The mode and the options let requests be sent again. */
  readonly mayReplay: boolean;
  /** The round trip to the next hop, in ms. */
  readonly roundTripMs: number;
  /** Delivery evidence can be had: the Line owns the TCP socket, and the system tells its send queue. */
  readonly hasEvidence: boolean;
}

/**
 * Up to this round trip the RST is often in, and has emptied the send queue, before the event loop comes to read it: at 1 ms
 * on any machine, at 10 ms on one whose processors are all busy.
 */
const QUICKER_THAN_EVIDENCE_MS = 20;
/** Where there is no evidence a feeler still costs less than a new connection, but no request should wait for long. */
const LONGEST_ROUND_TRIP_MS = 200;
/** For two processes and a network that are a little late now and then. */
const SLACK_MS = 4;

/**
 * Whether a feeler pays: the first byte of a request, sent a round trip ahead of the rest.
 *
 * A server whose FIN is on its way answers it by a RST, and then the request can go anew on another connection,
 * whatever its method: no server can execute one byte of a request line (RFC 9112 §3). It needs no `/proc`, and it costs
 * a round trip, so it is sent where evidence after the fact comes too late or cannot be had.
 */
export function feelerPays({ mayReplay, roundTripMs, hasEvidence }: FeelerFacts): boolean {
  return mayReplay && roundTripMs <= (hasEvidence ? QUICKER_THAN_EVIDENCE_MS : LONGEST_ROUND_TRIP_MS);
}

/** How long to wait for what a feeler meets, in ms: the FIN that it crossed comes within a round trip. */
export function feelerWaitMs(roundTripMs: number): number {
  return 1.3 * roundTripMs + SLACK_MS;
}
