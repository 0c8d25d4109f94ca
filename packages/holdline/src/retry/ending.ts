import { followWhileHeld, onAbort } from './following.js';
import type { Cancel, RetryMachine } from './machine.js';

/** What may end a call before its attempts do: the caller's signal, and the deadline. */
export class Ending {
  /** The signal for the attempts. */
  readonly signal: AbortSignal;
  /** The last failure, which is what a deadline has as its cause. */
  lastError: unknown;
  readonly #machine: RetryMachine;
  readonly #user: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #deadlineMs: number;
  readonly #dueMs: number;
  readonly #cancels: Cancel[] = [];
  #deadlineError: Error | undefined;
  #onEnd: (() => void) | undefined;

  /** @param deadlineMs - From now; `Infinity` for none. */
  constructor(machine: RetryMachine, user: AbortSignal | undefined, deadlineMs: number) {
    this.#machine = machine;
    this.#user = user;
    this.#deadlineMs = deadlineMs;
    this.#dueMs = machine.now().monotonicMs + deadlineMs;
    // without a deadline the caller's own signal says all; it also goes on to say it while a body is read
    this.#controller = user && deadlineMs === Infinity ? undefined : new AbortController();
    this.signal = (this.#controller?.signal ?? user) as AbortSignal;
    if (user) this.#cancels.push(onAbort(user, () => this.#aborted()));
    if (deadlineMs !== Infinity) this.#cancels.push(machine.timer(deadlineMs, true, () => this.#deadline()));
  }

  /** What has ended the call, if anything has. */
  get ended(): 'aborted' | 'deadline' | undefined {
    if (this.#user?.aborted) return 'aborted';
    return this.remainingMs <= 0 ? 'deadline' : undefined;
  }

  /** What the call is rejected with when it was ended. */
  get reason(): unknown {
    return this.#user?.aborted ? this.#user.reason : this.#deadlineReason();
  }

  /** Until the deadline, in ms from 0; `Infinity` where there is none. */
  get remainingMs(): number {
    if (this.#deadlineError) return 0;
    return Math.max(0, this.#dueMs - this.#machine.now().monotonicMs);
  }

  /** What the work gives, or `undefined` if the call is ended before. */
  orEnd<Value>(work: (done: (value: Value) => void) => Cancel): Promise<Value | undefined> {
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const finish = (value: Value | undefined) => {
        this.#onEnd = undefined;
        resolve(value);
      };
      const cancel = work(finish);
      this.#onEnd = () => {
        cancel();
        finish(undefined);
      };
    });
  }

  /**
   * The call is over. The deadline ends with it; the caller's signal is still heard by what reads the bodies that the
   * call has given.
   */
  close(bodies: readonly object[]): void {
    for (const cancel of this.#cancels) cancel();
    if (this.#user && this.#controller) followWhileHeld(this.#user, this.#controller, bodies);
  }

  #aborted(): void {
    this.#controller?.abort(this.#user?.reason);
    this.#onEnd?.();
  }

  #deadline(): void {
    this.#controller?.abort(this.#deadlineReason());
    this.#onEnd?.();
  }

  #deadlineReason(): Error {
    this.#deadlineError ??= deadlineError(this.#deadlineMs, this.lastError);
    return this.#deadlineError;
  }
}

/** @param lastError - The failure that the attempt before it ended with, if there was one. */
export function deadlineError(deadlineMs: number, lastError: unknown): Error {
  return Object.assign(
    new Error(
      `Holdline: the attempts took longer than deadlineMs (${deadlineMs} ms)`,
      lastError === undefined ? {} : { cause: lastError },
    ),
    { name: 'TimeoutError', code: 'ETIMEDOUT' },
  );
}
