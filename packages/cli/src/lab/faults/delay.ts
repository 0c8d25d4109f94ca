import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** The link is slow, so the danger window is wide. */
export const delay: Fault = {
  id: 'delay',
  title: 'a slow link',
  idleLimitMs: IDLE_LIMIT_MS,
  link: { delayMs: 60 },
};
