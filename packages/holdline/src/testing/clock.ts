import { AsyncResource } from 'node:async_hooks';
import type { Cancel } from '../line/machine.js';
import type { Instant } from '../policy/idle-time.js';

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/**
 * Two clocks and a list of timers that move only when told.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.timer(1_000, () => console.log('due'));
 * await clock.advance(1_000); // prints "due"
 * clock.suspend(3_600_000); // the laptop slept: only wall time has passed, and no timer is due
 */
export class VirtualClock {
  #monotonicMs = 1_000;
  #wallMs = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<Timer>();

  /** Both clocks. */
  now(): Instant {
    return { monotonicMs: this.#monotonicMs, wallMs: this.#wallMs };
  }

  /** Timers that are not due yet. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How long until the next timer is due, in ms; `undefined` where there is none. */
  get nextTimerMs(): number | undefined {
    const next = this.#next();
    return next && Math.max(0, next.dueMs - this.#monotonicMs);
  }

  /** Calls back once monotonic time has advanced by `ms`, in the async context of now, as Node's timers do. */
  timer(ms: number, run: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + ms, run: AsyncResource.bind(run) };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass on both clocks, and runs the timers that become due, each at its time and in order. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms;
    for (let timer = this.#next(); timer && timer.dueMs <= untilMs; timer = this.#next()) {
      this.#move(Math.max(this.#monotonicMs, timer.dueMs));
      this.#timers.delete(timer);
      timer.run();
      await settled();
    }
    this.#move(untilMs);
  }

  /** The machine sleeps: only wall time passes. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }

  /** Somebody sets the wall clock, forth or back. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  #move(toMs: number): void {
    this.#wallMs += toMs - this.#monotonicMs;
    this.#monotonicMs = toMs;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.dueMs < next.dueMs) next = timer;
    return next;
  }
}

// taken once, so that a test's fake timers do not stop the virtual ones
const { setImmediate } = globalThis;

/** Resolves when streams and promises have done all that they have to do before something new comes in. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
