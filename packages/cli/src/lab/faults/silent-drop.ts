import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** A NAT forgets an idle connection: what is sent on it later vanishes, and no FIN or RST ever comes. */
export const silentDrop: Fault = {
  id: 'silent-drop',
  title: 'silent drop',
  link: { dropIdleMs: IDLE_LIMIT_MS },
};
