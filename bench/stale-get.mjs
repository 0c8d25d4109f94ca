// A GET that goes on a connection which its server is just closing, and a GET that needs a new connection by itself. Both
// take a handshake and a round trip; what the first takes more is the price of having found a stale connection.
import { performance } from 'node:perf_hooks';
import { percentiles } from './statistics.mjs';

/** @returns A function that runs one block: `trials`, or as many as begin within `limitMs`. */
export function staleGet(target, { clientOf, freshClientOf }) {
  // More hang-ups than a budget for real life allows.
  const client = clientOf(target, { budget: { burst: Number.POSITIVE_INFINITY } });
  const reuse = client.sender();
  const meetStale = client.sender({ path: '/stale' });
  const openAnew = freshClientOf(target).sender();

  const took = (send) =>
    new Promise((resolve) => {
      const sentAt = performance.now();
      // Told when the connection is back in its pool, which for undici's is in the next turn; else one more would be opened.
      send(() => setImmediate(resolve, performance.now() - sentAt));
    });

  return async ({ trials, limitMs }) => {
    const stale = [];
    const fresh = [];
    const endsAt = performance.now() + limitMs;
    while (stale.length < trials && performance.now() < endsAt) {
      await took(reuse);
      const hangUpsBefore = client.hangUps();
      stale.push(await took(meetStale));
      if (client.hangUps() === hangUpsBefore) throw new Error('A request that was to meet a hang-up met none.');
      fresh.push(await took(openAnew));
    }
    const [slow, quick] = [percentiles(stale).p50, percentiles(fresh).p50];
    return { recovery: slow, fresh: quick, late: slow - quick };
  };
}
