import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** What lies before B sends a 408 on an idle connection and closes it, as some load balancers do. */
export const idleClose408: Fault = {
  id: 'idle-close-408',
  title: 'idle close, 408',
  link: { closeIdleMs: IDLE_LIMIT_MS, closeBy: '408' },
};
