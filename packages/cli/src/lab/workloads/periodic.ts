import * as v from 'valibot';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The period, in ms. */
  everyMs: v.optional(milliseconds, 1_000),
  /** Each pause is longer or shorter than the period by up to this, in ms; never below 0 in all. */
  jitterMs: v.optional(milliseconds, 50),
});

/** *Workload*: health checks, cron jobs, polling. A period that equals the idle limit is the worst of all. */
export const periodic: WorkloadMember<typeof options> = {
  id: 'periodic',
  title: 'a period, with jitter',
  options,
  draw: ({ everyMs, jitterMs }, settings, random) =>
    drawCallers(settings, random, everyMs, (own) => () => Math.max(0, everyMs + own.between(-jitterMs, jitterMs))),
};
