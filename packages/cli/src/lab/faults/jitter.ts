import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** What the link needs varies from packet to packet; their order stays. */
export const jitter: Fault = {
  id: 'jitter',
  title: 'jitter',
  idleLimitMs: IDLE_LIMIT_MS,
  link: { delayMs: 5, jitterMs: 60 },
};
