import type { Duplex } from 'node:stream';
import type { SendQueue } from '../policy/evidence.js';
import type { Instant } from '../policy/idle-time.js';

/** What a look at a socket's descriptor tells, without waiting. `unknown`: it has none. */
export type Look = 'alive' | 'closed' | 'reset' | 'bytes' | 'unknown';

/** Before all else. */
export const NEVER: Instant = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: Number.NEGATIVE_INFINITY };

/** Ends a timer that was not due yet. */
export type Cancel = () => void;

/**
 * What a Line asks of the computer that it runs on. Tests give it another one, where time and packets move when told.
 */
export interface Machine {
  now(): Instant;
  /** Calls back after `ms`. The process stays alive for it only if `ref`. */
  timer(ms: number, ref: boolean, run: () => void): Cancel;
  /** Calls back when the event loop has polled its sockets; one turn is not enough from an I/O callback. */
  afterTwoTurns(run: () => void): Cancel;
  /**
   * Of what had come by then, the event loop has told all: a FIN that a socket did not tell of came later. Where the loop
   * runs this is one or two turns ago; after a stall, or where no one has asked lately, longer.
   */
  heardUntil(): Instant;
  /** Asks the kernel what waits on the socket. `bytes` takes one away, so the socket cannot be used any more. */
  look(socket: Duplex): Look;
  /** What the kernel still has to send, or `undefined` where it cannot be told. */
  sendQueue(socket: Duplex): SendQueue | undefined;
  /** Whether {@link sendQueue} can tell anything on this system. */
  readonly tellsSendQueue: boolean;
  /** Gets ready to tell the send queues of these sockets quickly. */
  park(sockets: readonly Duplex[]): void;
  /** Whether a RST has come since the server's FIN. */
  resetCame(socket: Duplex): boolean;
  /** All bytes handed to the TCP socket so far, over TLS the ciphertext. */
  bytesHanded(socket: Duplex): number;
}
