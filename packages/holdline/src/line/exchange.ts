import type { HangUpSign } from '../events/channels.js';
import type { Evidence } from '../policy/evidence.js';
import type { Precautions } from '../policy/foresight.js';
import type { Instant } from '../policy/idle-time.js';
import { harmlessTwice, isIdempotent, type Reason } from '../policy/verdict.js';
import { Recording } from './recording.js';
import type { RequestHead } from './request-framer.js';
import type { ResponseHead } from './response-head.js';

/** One request on a Line and what has become of it. */
export class Exchange {
  readonly recording: Recording;
  /** The head of its response, where it is of interest. */
  response: ResponseHead | undefined;
  /** Known once the client has written the whole head. */
  head: RequestHead | undefined;
  /** It was there before its connection opened. */
  waited = false;
  /** Its connection was chosen: its bytes may go. */
  admitted = false;
  /** When its first byte went to a socket; `undefined` while nothing was sent. */
  sentAt: Instant | undefined;
  /** When the client last wrote. */
  lastSentAt: Instant | undefined;
  /** All bytes that the TCP socket had been given before it, and those of its feeler. */
  handedBefore = 0;
  feelerBytes = 0;
  /** What its connection had been through when it was written. */
  idleMs = 0;
  requestsBefore = 0;
  /** In mode `observe`: what `on` would have done before it was written … */
  foreseen: Precautions | undefined;
  /** … and whether the event loop has told since then of all that had come by then. */
  heardSince = false;
  responseStarted = false;
  /** The user was told of a timeout. */
  timedOut = false;
  /** Why it was sent again, if it was. */
  replayedFor: Reason | undefined;
  /** What that rested on. */
  evidence: Evidence = 'unsought';
  hangUp: { readonly how: HangUpSign; readonly cause: Error; readonly at: Instant } | undefined;
  /** The start of what may be a 408 that nobody asked for. */
  held: Buffer | undefined;

  constructor(replayBufferBytes: number) {
    this.recording = new Recording(replayBufferBytes);
  }
}

/** Whether running the request twice does no harm: it is idempotent, or keyed at an origin that honours keys. */
export function mayRunTwice(origin: { readonly honoursKeys: boolean }, { head }: Exchange): boolean {
  if (!head) return false;
  return (
    harmlessTwice({ idempotent: isIdempotent(head.method), keyed: head.hasKey && origin.honoursKeys }) !== undefined
  );
}
