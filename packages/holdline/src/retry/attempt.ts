/** What an attempt is told. */
export interface Attempt {
  /** Which attempt it is, from 1. */
  readonly number: number;
  /** Is aborted with the caller's signal, and at the deadline. Give it to the client. */
  readonly signal: AbortSignal;
  /** The idempotency key, the same one in every attempt; `undefined` where there is no `key`. Send it. */
  readonly key: string | undefined;
  /** Until the deadline, in ms, as the attempt begins; `undefined` where there is none. */
  readonly remainingMs: number | undefined;
}

/** What an attempt is told where there is a key. */
export interface KeyedAttempt extends Attempt {
  readonly key: string;
}

/** Makes one attempt. */
export type Begin<Result> = (attempt: Attempt) => Result | PromiseLike<Result>;
