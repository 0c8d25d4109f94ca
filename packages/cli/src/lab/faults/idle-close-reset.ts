import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** What lies before B resets an idle connection. */
export const idleCloseReset: Fault = {
  id: 'idle-close-reset',
  title: 'idle close, RST',
  link: { closeIdleMs: IDLE_LIMIT_MS, closeBy: 'reset' },
};
