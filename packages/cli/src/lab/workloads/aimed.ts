import * as v from 'valibot';
import { aimAt } from '../../aim.js';
import { drawCallers } from './draw.js';
import { milliseconds, type WorkloadMember } from './member.js';

const options = v.strictObject({
  /** The share of pauses between the aimed ones that are clearly shorter or longer than the limit. */
  strayShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.16),
  /** The longest pause between the quick requests that come before each aimed pause, in ms. */
  quickMs: v.optional(milliseconds, 100),
  /** The most quick requests in a row. */
  quickRequests: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 2),
});

/**
 * *Workload*: a few quick requests, then a pause about as long as B's idle limit, so that many requests are on their way
 * while B closes. A rare accident happens often; nothing else about it is different.
 */
export const aimed: WorkloadMember<typeof options> = {
  id: 'aimed',
  title: 'pauses about as long as the idle limit',
  options,
  draw({ strayShare, quickMs, quickRequests }, settings, random) {
    const { idleLimitMs, roundTripMs } = settings;
    if (idleLimitMs === undefined) {
      throw new RangeError(
        'the workload `aimed` needs an idle limit to aim at, expected a fault that closes idle connections, or `idleLimitMs`',
      );
    }
    const aim = aimAt(roundTripMs, random(-2));
    return drawCallers(settings, random, Math.min(idleLimitMs, settings.durationMs / 4), (own) => {
      const quick = () => Math.floor(own.between(0, quickRequests + 1));
      let quickLeft = quick();
      return () => {
        if (quickLeft-- > 0) return own.between(0, quickMs);
        quickLeft = quick();
        if (!own.chance(strayShare)) return aim(idleLimitMs);
        return own.chance(0.5) ? idleLimitMs + own.between(100, 600) : idleLimitMs * own.between(0.2, 0.8);
      };
    });
  },
};
