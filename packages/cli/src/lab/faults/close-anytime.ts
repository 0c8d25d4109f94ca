import type { Fault } from '../roles.js';
import { ANY_TIME_MS } from './limits.js';

/** B has no limit that could be learned: it closes an idle connection whenever it likes, as under memory pressure. */
export const closeAnytime: Fault = {
  id: 'close-anytime',
  title: 'idle close at any time',
  needs: { directives: ['close-idle'] },
  directive: (_step, random) =>
    random.chance(0.4)
      ? { do: 'close-idle', afterMs: random.between(0, ANY_TIME_MS), by: random.chance(0.5) ? 'fin' : 'reset' }
      : undefined,
};
