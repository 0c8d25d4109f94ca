import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** B's side sends its FIN and stays so: what comes is taken, not executed, and not refused. */
export const halfOpen: Fault = {
  id: 'half-open',
  title: 'half-open',
  link: { halfCloseIdleMs: IDLE_LIMIT_MS },
};
