import * as v from 'valibot';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The requests of a burst. */
  size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 8),
  /** The longest pause within a burst, in ms. */
  withinMs: v.optional(milliseconds, 20),
  /** The mean pause between two bursts, in ms; it varies by a half to both sides. */
  pauseMs: v.optional(milliseconds, 1_000),
});

/** *Workload*: some requests in a row, then nothing for a while. */
export const bursts: WorkloadMember<typeof options> = {
  id: 'bursts',
  title: 'bursts',
  options,
  draw: ({ size, withinMs, pauseMs }, settings, random) =>
    drawCallers(settings, random, pauseMs, (own) => {
      let left = size - 1;
      return () => {
        if (left-- > 0) return own.between(0, withinMs);
        left = size - 1;
        return pauseMs * own.between(0.5, 1.5);
      };
    }),
};
