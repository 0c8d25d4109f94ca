import type { Clock, Instant } from './clock.js';

/** How often the loop is looked at, in ms. */
const EVERY_MS = 10;
/** By how much the wall clock goes ahead when the machine slept, and a gap that no busy loop explains (SIGSTOP), in ms. */
const SUSPENDED_MS = { asleep: 1_000, stopped: 5_000 };
/** How many of the latest gaps are kept for {@link LoopWatch.lagMs}. */
const KEPT = 4_096;

/**
 * Watches what the probe's own process does to its measurements: how late the event loop runs, and whether the machine
 * slept. What came during a stall is seen at its end, so its time is only known to within the stall.
 */
export class LoopWatch {
  readonly #clock: Clock;
  readonly #suspended: (gapMs: number) => void;
  readonly #lates: number[] = [];
  #last: Instant;
  /** How long the turn before the latest look took, if that was too long: what came in it is handled after the look. */
  #lateTurnMs = 0;
  #cancel = () => {};

  /** @param suspended - Told when the machine slept, or the process was stopped, and for how long. */
  constructor(clock: Clock, suspended: (gapMs: number) => void) {
    this.#clock = clock;
    this.#suspended = suspended;
    this.#last = clock.now();
    this.#arm();
  }

  stop(): void {
    this.#cancel();
  }

  /**
   * By how much what the loop handles right now may have waited for it, in ms: while it turns in time, by less than a turn,
   * which is not told.
   */
  doubtMs(): number {
    const turnMs = this.#clock.now().monotonicMs - this.#last.monotonicMs;
    return (isLate(turnMs) ? turnMs : 0) + this.#lateTurnMs;
  }

  /** How late the loop runs in all but the worst hundredth of the time, in ms. */
  lagMs(): number {
    const sorted = this.#lates.toSorted((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) * 0.99)] ?? 0;
  }

  #arm(): void {
    this.#cancel = this.#clock.timer(EVERY_MS, () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    const turnMs = now.monotonicMs - this.#last.monotonicMs;
    const asleepMs = now.wallMs - this.#last.wallMs - turnMs;
    const lateMs = Math.max(0, turnMs - EVERY_MS);
    this.#last = now;
    this.#lateTurnMs = isLate(turnMs) ? turnMs : 0;
    this.#lates[this.#lates.length < KEPT ? this.#lates.length : Math.floor(now.monotonicMs) % KEPT] = lateMs;
    this.#arm();
    if (asleepMs > SUSPENDED_MS.asleep) this.#suspended(asleepMs);
    else if (turnMs > SUSPENDED_MS.stopped) this.#suspended(turnMs);
  }
}

/** Node's timers are late by a millisecond as a rule. */
function isLate(turnMs: number): boolean {
  return turnMs > EVERY_MS + 1.5;
}
