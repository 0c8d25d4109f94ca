import type { Kind } from './workload.js';

/** What A knows of an error that ended a request. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Why Holdline did not send the request again; absent where the error is not Holdline's. */
  readonly reason?: string;
}

/** One request as A saw it. Times are of the machine's monotonic clock, in ms. */
export interface Call {
  readonly id: string;
  readonly kind: Kind;
  readonly startedMs: number;
  readonly endedMs: number;
  /** A's port of the connection on which the request first left; absent where that was not known. */
  readonly port?: number;
  /** `hung-up`: the connection ended before the first byte of the answer. `silent`: neither answer nor error. */
  readonly outcome: 'answered' | 'hung-up' | 'failed' | 'silent';
  readonly failure?: Failure;
  /** How often A's own code sent it once more, whatever the error was. */
  readonly retries: number;
}

/** A request that Holdline sent again, as its event told it. */
export interface Replay {
  /** The request; absent if the event came outside of every request. */
  readonly id?: string;
  readonly reason: string;
  readonly ok: boolean;
  readonly atMs: number;
}

/** What one arm of A did and saw. */
export interface History {
  readonly calls: readonly Call[];
  readonly replays: readonly Replay[];
}
