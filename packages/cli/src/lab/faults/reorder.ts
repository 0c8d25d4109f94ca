import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** The FIN takes another way and comes late: a RST that was sent after it may come first. */
export const reorder: Fault = {
  id: 'reorder',
  title: 'FIN out of order',
  link: { closeIdleMs: IDLE_LIMIT_MS, delayFinMs: 30 },
};
