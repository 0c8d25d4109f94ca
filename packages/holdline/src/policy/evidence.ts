/**
 * What is known about whether the server received a request.
 *
 * - `unsent`: no byte of it was handed to a socket, or none but its first.
 * - `undelivered`: the server's FIN acknowledged none of it, and a RST answered it. The server cannot have it.
 * - `likely`: part of that, so the server probably does not have it. No proof: a lingering server reads on after its
 *   FIN, and one that dies over a request it has read also sends a RST.
 * - `none`: nothing speaks against the server having it.
 * - `unsought`: the verdict did not depend on it, so nobody looked.
 */
export type Evidence = 'unsent' | 'undelivered' | 'likely' | 'none' | 'unsought';

/** The conditions without which the send queue and a RST prove nothing. */
export interface EvidenceGrounds {
  /** The Line opened the TCP connection itself: not a Unix socket, not a user's stream. */
  readonly ownTcp: boolean;
  /** The client has not ended its side: a FIN of ours would be answered, too. */
  readonly ourSideOpen: boolean;
  /** The connection ended in order, not by an error. */
  readonly orderlyEnd: boolean;
}

/** What the kernel says of the connection at the moment when the server's end was seen. */
export interface SendQueue {
  /** The server's FIN has arrived (state CLOSE_WAIT). Over TLS an end may be a mere close_notify. */
  readonly finReceived: boolean;
  /** Bytes that the server's kernel has not acknowledged. */
  readonly unacknowledgedBytes: number;
}

/** Whether evidence can be had at all; if not there is nothing to wait for. */
export function evidencePossible(grounds: EvidenceGrounds): boolean {
  return grounds.ownTcp && grounds.ourSideOpen && grounds.orderlyEnd;
}

/**
 * Whether the queue still holds the whole request. The FIN acknowledges all that the server's kernel had received when
 * it was sent (RFC 9293 §3.4), so a whole queue means that it was sent before any of the request came.
 *
 * @param requestBytes - Bytes handed to the kernel for the request; over TLS the ciphertext.
 * @param feelerBytes - Those of them that were sent ahead and may have been received: they make no request.
 */
export function queueIsWhole(queue: SendQueue | undefined, requestBytes: number, feelerBytes = 0): boolean {
  if (queue?.finReceived !== true || requestBytes <= feelerBytes) return false;
  const { unacknowledgedBytes } = queue;
  return unacknowledgedBytes === requestBytes || unacknowledgedBytes === requestBytes - feelerBytes;
}

/** Weighs what was seen at the end of a connection. */
export function judgeEvidence(seen: { queue: 'whole' | 'not-whole' | 'unreadable'; resetCame: boolean }): Evidence {
  if (seen.queue === 'whole') return seen.resetCame ? 'undelivered' : 'likely';
  if (seen.queue === 'unreadable') return seen.resetCame ? 'likely' : 'none';
  return 'none';
}

const LONGEST_WAIT_MS = 2_000;
const SHORTEST_WAIT_MS = 3;
/** How long Linux holds back an acknowledgement (`TCP_ATO_MIN`), and a little. */
const DELAYED_ACK_MS = 50;

/**
 * How long to wait for the RST that answers a request sent to a closed socket: a little over a round trip. A TCP proxy
 * in between shakes hands itself, so the quickest answer seen counts where it took longer than the handshake.
 *
 * Over TLS a close_notify may come before the FIN. The RST that answers the request then carries a sequence number from
 * before it, which the kernel drops (RFC 5961 §3.2); the one that counts answers our acknowledgement of the FIN.
 *
 * @returns ms, from 3 to 2 000.
 */
export function resetWaitMs(handshakeMs: number, quickestAnswerMs: number | undefined, overTls: boolean): number {
  const roundTripMs = Math.max(handshakeMs, quickestAnswerMs ?? 0);
  const waitMs = overTls ? 2.3 * roundTripMs + DELAYED_ACK_MS : 1.3 * roundTripMs;
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, waitMs));
}
