import * as v from 'valibot';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The pauses between an answer and the next request as they were seen, in ms. They repeat from the first. */
  gapsMs: v.pipe(v.array(milliseconds), v.minLength(1)),
});

/** *Workload*: pauses that were recorded somewhere; each caller begins at another of them. */
export const recorded: WorkloadMember<typeof options> = {
  id: 'recorded',
  title: 'recorded pauses',
  options,
  draw: ({ gapsMs }, settings, random) =>
    drawCallers(settings, random, gapsMs[0] ?? 0, (own, caller) => {
      const offset = caller === 0 ? 0 : Math.floor(own.between(0, gapsMs.length));
      let next = offset;
      return () => gapsMs[next++ % gapsMs.length] ?? 0;
    }),
};
