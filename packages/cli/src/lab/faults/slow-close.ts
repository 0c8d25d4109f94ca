import type { Fault } from '../roles.js';
import { ANY_TIME_MS } from './limits.js';

/** B lingers, as Apache does: it sends its FIN, and for a while reads and discards what comes. */
export const slowClose: Fault = {
  id: 'slow-close',
  title: 'slow close',
  needs: { directives: ['close-slowly'] },
  directive: (_step, random) =>
    random.chance(0.4) ? { do: 'close-slowly', afterMs: random.between(0, ANY_TIME_MS), forMs: 400 } : undefined,
};
