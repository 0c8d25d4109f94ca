import { monotonicMs } from '../../clock.js';

/** Time, as a link needs it: a test lets it pass by hand. */
export interface Timing {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** Calls back after some ms; the function that it returns calls it off. */
  timer(ms: number, run: () => void): () => void;
}

/** The machine's. */
export const realTiming: Timing = {
  nowMs: monotonicMs,
  timer(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
