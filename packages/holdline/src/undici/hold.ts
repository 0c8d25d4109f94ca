import type { Holder } from '../line/client-side.js';
import type { Line } from '../line/line.js';
import type { Cancel, Machine } from '../line/machine.js';
import type { Origin } from '../line/origin.js';
import { clientOf, type UndiciClient } from './client-of.js';

/** How long undici would keep an idle connection by itself, in ms, given the server's hint; see `OwnTimers`. */
export type IdleMs = (hintMs: number | undefined) => number;

/**
 * What undici's hold on a Line tells. It says nothing when a response has ended; but a client that has no request, and
 * expects none, unrefs its socket so that the process may end, and refs it when the next request comes.
 */
export class Hold implements Holder {
  #client: UndiciClient | undefined;
  #endIdle: Cancel | undefined;

  /**
   * @param idleMs - For a client whose own keep-alive timers were put out of the way: what they would be. It counts
   *   while the mode has the Line do nothing.
   */
  constructor(
    private readonly line: Line,
    private readonly origin: Origin,
    private readonly machine: Machine,
    private readonly idleMs: IdleMs | undefined,
  ) {
    if (idleMs) line.once('close', () => this.#endIdling());
  }

  none(): void {
    if (this.line.destroyed) return;
    if (!this.line.released()) return this.line.leavePool(false);
    const { mode } = this.origin;
    if (this.idleMs && (mode === 'off' || mode === 'observe')) {
      const ms = this.idleMs(this.line.hint.timeoutMs);
      this.#endIdle = this.machine.timer(Math.max(0, ms), false, () => this.line.destroy());
    }
  }

  some(): void {
    this.#endIdling();
    this.line.taken();
  }

  #endIdling(): void {
    this.#endIdle?.();
    this.#endIdle = undefined;
  }

  /** A client that is not to be found might. */
  get mayPipeline(): boolean {
    return !((this.#known?.pipelining ?? Number.POSITIVE_INFINITY) <= 1);
  }

  get #known(): UndiciClient | undefined {
    this.#client ??= clientOf(this.line);
    return this.#client;
  }
}
