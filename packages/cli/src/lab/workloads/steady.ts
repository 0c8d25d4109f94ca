import * as v from 'valibot';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The pause of each caller between an answer and the next request, in ms. */
  everyMs: v.optional(milliseconds, 100),
});

/** *Workload*: every caller pauses equally long, always. */
export const steady: WorkloadMember<typeof options> = {
  id: 'steady',
  title: 'equal pauses',
  options,
  draw: ({ everyMs }, settings, random) => drawCallers(settings, random, everyMs, () => () => everyMs),
};
