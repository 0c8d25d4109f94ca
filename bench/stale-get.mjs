// A GET that goes on a connection which its server is just closing, and a GET that needs a new connection by itself. Both
// take a handshake and a round trip; what the first takes more is the price of having found a stale connection.
import { performance } from 'node:perf_hooks';
import { agentOf } from './agents.mjs';
import { requestOptions, send } from './client.mjs';
import { percentiles } from './statistics.mjs';

/** @returns A function that runs one block. */
export function staleGet(target) {
  // More hang-ups than a budget for real life allows.
  const agent = agentOf(target, { budget: { burst: Number.POSITIVE_INFINITY } });
  const plain = agentOf({ ...target, arm: 'node' }, { keepAlive: false });
  const options = requestOptions(target);

  const took = (given) =>
    new Promise((resolve) => {
      const sentAt = performance.now();
      send(target, { ...options, ...given }, (reused) => resolve({ ms: performance.now() - sentAt, reused }));
    });

  return async ({ trials }) => {
    const stale = [];
    const fresh = [];
    for (let trial = 0; trial < trials; trial++) {
      await took({ agent });
      const { ms, reused } = await took({ agent, path: '/stale' });
      if (!reused) throw new Error('A request that was to go on a stale connection went on a new one.');
      stale.push(ms);
      fresh.push((await took({ agent: plain })).ms);
    }
    const [slow, quick] = [percentiles(stale).p50, percentiles(fresh).p50];
    return { recovery: slow, fresh: quick, late: slow - quick };
  };
}
