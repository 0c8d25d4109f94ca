import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** What lies before B closes an idle connection by a FIN, and says nothing of its limit. */
export const idleCloseFin: Fault = {
  id: 'idle-close-fin',
  title: 'idle close, FIN',
  link: { closeIdleMs: IDLE_LIMIT_MS },
};
