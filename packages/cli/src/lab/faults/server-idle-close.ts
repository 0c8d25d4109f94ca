import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** B's own timer closes idle connections, each server in its own way. */
export const serverIdleClose: Fault = {
  id: 'server-idle-close',
  title: 'idle close by B itself',
  idleLimitMs: IDLE_LIMIT_MS,
};
