import type { Timing } from './timing.js';

/** Does things late, each after its delay, and in the order in which they were put in. */
export interface DelayLine {
  put(dueMs: number, arrive: () => void): void;
}

/** Makes a delay line. Bare timers would not do: two whose times differ by less than a millisecond may swap. */
export function delayLine(timing: Timing): DelayLine {
  const queue: { readonly dueMs: number; readonly arrive: () => void }[] = [];
  const pump = () => {
    for (let next = queue[0]; next; next = queue[0]) {
      const waitMs = next.dueMs - timing.nowMs();
      if (waitMs > 0.5) return void timing.timer(waitMs, pump);
      queue.shift();
      next.arrive();
    }
  };
  return {
    put(dueMs, arrive) {
      const waitMs = dueMs - timing.nowMs();
      // A line without a delay must not cost a timer's millisecond.
      if (queue.length === 0 && waitMs <= 0) return arrive();
      queue.push({ dueMs, arrive });
      if (queue.length === 1) timing.timer(waitMs, pump);
    },
  };
}
