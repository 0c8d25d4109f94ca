import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** A request keeps B's event loop busy; meanwhile other connections get past their limit with a request in the kernel. */
export const stallB: Fault = {
  id: 'stall-b',
  title: "B's event loop stalls",
  needs: { directives: ['stall'] },
  idleLimitMs: IDLE_LIMIT_MS,
  // For each client once: with a dozen of them it stalls a dozen times as often.
  directive: (_step, random) => (random.chance(0.02) ? { do: 'stall', forMs: random.between(100, 400) } : undefined),
};
