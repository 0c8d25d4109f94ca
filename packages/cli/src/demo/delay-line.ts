import { monotonicMs } from '../clock.js';

/** Does things late, each after its delay, and in the order in which they were put in. */
export interface DelayLine {
  put(dueMs: number, arrive: () => void): void;
}

/** Makes a delay line. Bare timers would not do: two whose times differ by less than a millisecond may swap. */
export function delayLine(): DelayLine {
  const queue: { readonly dueMs: number; readonly arrive: () => void }[] = [];
  const pump = () => {
    for (let next = queue[0]; next; next = queue[0]) {
      const waitMs = next.dueMs - monotonicMs();
      if (waitMs > 0.5) return void setTimeout(pump, waitMs);
      queue.shift();
      next.arrive();
    }
  };
  return {
    put(dueMs, arrive) {
      queue.push({ dueMs, arrive });
      if (queue.length === 1) setTimeout(pump, dueMs - monotonicMs());
    },
  };
}
