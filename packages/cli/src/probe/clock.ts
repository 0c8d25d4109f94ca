/** A moment on both clocks, in ms. Monotonic time stands still while a machine sleeps; wall time may be set. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Time, as the probe sees it. `VirtualClock` of `holdline/testing` is one, so no test of the probe has to wait. */
export interface Clock {
  now(): Instant;
  /** Calls back once, `ms` from now; returns what cancels it. */
  timer(ms: number, run: () => void): () => void;
}

/** The machine's clocks, and Node's timers. */
export const systemClock: Clock = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
  timer(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
