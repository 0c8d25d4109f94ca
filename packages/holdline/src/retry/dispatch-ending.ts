import type { Ends } from './deciding.js';
import { deadlineError } from './ending.js';
import type { Cancel, RetryMachine } from './machine.js';

/**
 * What may end a dispatched request before there is a response: its caller, by the controller, and the deadline. There
 * is one for each request that is made, so it has no signal: an `AbortController` and its listeners cost 4 µs.
 */
export class DispatchEnding implements Ends {
  lastError: unknown;
  #ended: 'aborted' | 'deadline' | undefined;
  #reason: Error | undefined;
  readonly #dueMs: number;
  readonly #endTimer: Cancel | undefined;

  /** @param onEnd - Is called once, when it is ended. */
  constructor(
    private readonly machine: RetryMachine,
    private readonly deadlineMs: number,
    private readonly onEnd: () => void,
  ) {
    this.#dueMs = machine.now().monotonicMs + deadlineMs;
    if (deadlineMs !== Infinity) this.#endTimer = machine.timer(deadlineMs, true, () => this.#end('deadline'));
  }

  get ended(): 'aborted' | 'deadline' | undefined {
    return this.#ended ?? (this.remainingMs <= 0 ? 'deadline' : undefined);
  }

  get remainingMs(): number {
    if (this.#ended === 'deadline') return 0;
    return Math.max(0, this.#dueMs - this.machine.now().monotonicMs);
  }

  /** What the caller is told. */
  get reason(): Error {
    this.#reason ??= deadlineError(this.deadlineMs, this.lastError);
    return this.#reason;
  }

  abort(reason: Error | undefined): void {
    if (this.#ended) return;
    this.#reason = reason ?? new DOMException('This operation was aborted', 'AbortError');
    this.#end('aborted');
  }

  close(): void {
    this.#endTimer?.();
  }

  #end(how: 'aborted' | 'deadline'): void {
    if (this.#ended) return;
    this.#ended = how;
    this.onEnd();
  }
}
