import type { DispatchController } from './undici.js';

/**
 * The controller that a caller's handler holds. Each attempt has one of its own, and between attempts there is none;
 * this one stands for whichever it is, so that the caller can abort at any time, and the response that it is given
 * flows at its pace.
 */
export class StableController implements DispatchController {
  #target: DispatchController | undefined;
  #paused = false;

  constructor(private readonly onAbort: (reason: Error) => void) {}

  /** The controller of the attempt that runs, or whose response was given. */
  set target(target: DispatchController | undefined) {
    this.#target = target;
    if (this.#paused) target?.pause();
  }
  get target(): DispatchController | undefined {
    return this.#target;
  }

  abort(reason: Error): void {
    this.onAbort(reason);
  }
  pause(): void {
    this.#paused = true;
    this.#target?.pause();
  }
  resume(): void {
    this.#paused = false;
    this.#target?.resume();
  }
  get paused(): boolean {
    return this.#target?.paused ?? this.#paused;
  }
  get aborted(): boolean {
    return this.#target?.aborted ?? false;
  }
  get reason(): Error | null {
    return this.#target?.reason ?? null;
  }
  get rawHeaders(): unknown {
    return this.#target?.rawHeaders ?? null;
  }
  set rawHeaders(value: unknown) {
    if (this.#target) this.#target.rawHeaders = value;
  }
  get rawTrailers(): unknown {
    return this.#target?.rawTrailers ?? null;
  }
  set rawTrailers(value: unknown) {
    if (this.#target) this.#target.rawTrailers = value;
  }
}
