import type { Kind } from './roles.js';

// What a run writes down, one JSON object a line. Times are of the machine's monotonic clock, in ms. The published form
// of these lines is docs/reference/lab-formats.md; a change here is a change there.

/** A line of `history.ndjson`: what A's side, the link and the fault did, in the order of their times. */
export type HistoryRecord =
  | SentRecord
  | AnsweredRecord
  | FailedRecord
  | ReplayedRecord
  | FaultRecord
  | ConnectionRecord;

interface OfClient {
  readonly atMs: number;
  readonly client: string;
  readonly id: string;
}

/** A caller handed a request to its client. */
export interface SentRecord extends OfClient {
  readonly type: 'sent';
  readonly kind: Kind;
  readonly caller: number;
}

/** The whole answer is there. */
export interface AnsweredRecord extends OfClient {
  readonly type: 'answered';
  readonly status: number;
  /** The id that the answer's body names, empty if it names none: another one is an answer mixed up, or broken off. */
  readonly answerId?: string;
  /** A's port of the connection that it came on, where the client knows it. */
  readonly port?: number;
}

/** The client gave an error. A request with neither answer nor error at the end is silent. */
export interface FailedRecord extends OfClient {
  readonly type: 'failed';
  readonly code: string;
  readonly message: string;
  /** The connection ended under it, before the first byte of the answer, as far as the client says. */
  readonly hangUp: boolean;
  /** Why Holdline did not send it again; absent where the error is not Holdline's. */
  readonly reason?: string;
  readonly port?: number;
}

/** Holdline sent a request again. */
export interface ReplayedRecord extends OfClient {
  readonly type: 'replayed';
  readonly reason: string;
  readonly ok: boolean;
}

/** The fault did something to the whole round. */
export interface FaultRecord {
  readonly type: 'fault';
  readonly atMs: number;
  readonly deed: string;
}

/** What the link saw of a connection. */
export interface ConnectionRecord {
  readonly type: 'connection';
  readonly atMs: number;
  readonly client: string;
  /** Counts up from 0 within the client. */
  readonly connection: number;
  /** A's port. */
  readonly port?: number;
  readonly from: 'A' | 'B' | 'link';
  /**
   * `request` and `answer`: bytes on the way; `crossing`: a request and B's close were in the link at the same time.
   */
  readonly what: 'open' | 'request' | 'answer' | 'fin' | 'reset' | 'drop' | 'crossing';
  readonly bytes?: number;
}

/** A line of `ledger.ndjson`, which B appends, with fsync, before it answers. */
export type LedgerEntry =
  /** A client has connected. Not told where a proxy stands in front: what the link saw open is true everywhere. */
  | { readonly event: 'connected'; readonly atMs: number; readonly client: string }
  | {
      readonly event: 'executed';
      readonly atMs: number;
      readonly client: string;
      readonly id: string;
      readonly kind: Kind;
      /** The idempotency key, of a keyed request. */
      readonly key?: string;
      /** False where B had seen the key and gave the stored answer. */
      readonly effect: boolean;
    };
