import type { Fault } from '../roles.js';

/** B is ended as a deployment does it, and started again on the same port; in between the port refuses. */
export const restart: Fault = {
  id: 'restart',
  title: 'restart',
  async happen({ server, sleep, tell }, random, signal) {
    while (!signal.aborted) {
      await sleep(random.between(1_000, 2_500));
      if (signal.aborted) return;
      tell('restart');
      await server.restart();
    }
  },
};
