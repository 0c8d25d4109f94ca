import * as v from 'valibot';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The mean pause of each caller, in ms; the pauses are exponentially distributed, as those of independent users are. */
  meanMs: v.optional(milliseconds, 200),
});

/** *Workload*: requests come as those of many independent users do. */
export const poisson: WorkloadMember<typeof options> = {
  id: 'poisson',
  title: 'independent users',
  options,
  draw: ({ meanMs }, settings, random) =>
    drawCallers(settings, random, meanMs, (own) => () => -Math.log(1 - own.next()) * meanMs),
};
