import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** B stands still for a while: its kernel takes requests, and its timers all fire when it wakes. */
export const sigstop: Fault = {
  id: 'sigstop',
  title: 'B is frozen (SIGSTOP)',
  idleLimitMs: IDLE_LIMIT_MS,
  async happen({ server, sleep, tell }, random, signal) {
    while (!signal.aborted) {
      await sleep(random.between(500, 1_500));
      if (signal.aborted) return;
      tell('SIGSTOP');
      server.pause();
      await sleep(random.between(200, 700));
      // Also when the round is over: B has to be there to end.
      server.resume();
      tell('SIGCONT');
    }
  },
};
