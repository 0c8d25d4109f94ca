import type { Kind } from './roles.js';

// The line protocol between the lab and a client: one JSON object a line, on the client's stdin and stdout. Any script
// that speaks it can be judged, in any language. The lab keeps the time; the client only sends what it is told.

/** The headers of the lab's requests, in lower case. A client passes them on as they are; B reads them. */
export const headers = {
  /** The request's id, by which the ledger names it. */
  id: 'x-request-id',
  /** The idempotency key, of a keyed POST. */
  key: 'idempotency-key',
  /** A `Directive` as JSON: what B is to do with it besides. */
  directive: 'x-lab-directive',
} as const;

/** What the lab writes to a client's stdin. It ends by closing it; the client then exits. */
export type ToClient =
  | {
      /** A new round: forget every pool, and say `ready`. */
      readonly type: 'round';
      readonly host: string;
      readonly port: number;
      /** Origins that declare to honour idempotency keys do so in all rounds of the lab. */
      readonly honoursKeys: boolean;
      /** The limit that the client may be told of beforehand, in ms. */
      readonly statedIdleLimitMs?: number;
      /** How long a request may go without an answer, in ms; then the client itself gives the error. */
      readonly timeoutMs: number;
    }
  | {
      readonly type: 'send';
      readonly id: string;
      readonly kind: Kind;
      /** Requests of one pool may share connections; those of two must not. */
      readonly pool: number;
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Block the event loop, if the client has one. May be passed over. */
  | { readonly type: 'stall'; readonly forMs: number };

/** What a client writes to its stdout. Other lines are an error of the client's, and told as such. */
export type FromClient =
  | { readonly type: 'ready'; readonly versions?: Readonly<Record<string, string>> }
  | {
      readonly type: 'answered';
      readonly id: string;
      readonly status: number;
      readonly body?: string;
      readonly port?: number;
    }
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly code: string;
      readonly message: string;
      /** Left out: the lab judges by the code. */
      readonly hangUp?: boolean;
      readonly reason?: string;
      readonly port?: number;
    }
  | { readonly type: 'replayed'; readonly id: string; readonly reason: string; readonly ok: boolean };
