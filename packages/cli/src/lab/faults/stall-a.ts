import type { Fault } from '../roles.js';
import { IDLE_LIMIT_MS } from './limits.js';

/** A is busy: B's FIN waits in A's kernel while A picks the connection for a request. */
export const stallA: Fault = {
  id: 'stall-a',
  title: "A's event loop stalls",
  idleLimitMs: IDLE_LIMIT_MS,
  async happen({ stallClients, sleep }, random, signal) {
    while (!signal.aborted) {
      await sleep(random.between(400, 1_200));
      if (!signal.aborted) stallClients(random.between(50, 300));
    }
  },
};
