// Hot loops: each of `concurrency` callers sends its next request as soon as it has its answer.
import { performance } from 'node:perf_hooks';
import { percentiles } from './statistics.mjs';

/** @returns A function that runs one block. */
export function hotLoops(target, { clientOf }) {
  const { concurrency } = target;
  const client = clientOf(target);
  const send = client.sender();

  const loop = (requests, latencies) =>
    new Promise((resolve) => {
      let begun = 0;
      let done = 0;
      const next = () => {
        if (begun === requests) return;
        begun++;
        const sentAt = performance.now();
        send(() => {
          latencies[done++] = performance.now() - sentAt;
          if (done === requests) resolve();
          // After Node has put the connection back, which it does in the next tick; else one more would be opened.
          else process.nextTick(next);
        });
      };
      for (let caller = 0; caller < concurrency; caller++) next();
    });

  return async ({ requests }) => {
    // Another process had the caches, and maybe a connection was let go: the first requests do not count.
    const leadIn = concurrency + Math.ceil(requests / 4);
    await loop(leadIn, new Float64Array(leadIn));
    const latencies = new Float64Array(requests);
    const openedBefore = client.opened();
    const beganAt = performance.now();
    const cpu = process.cpuUsage();
    await loop(requests, latencies);
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - beganAt;
    const { p50, p99 } = percentiles(latencies);
    const opened = client.opened() - openedBefore;
    return { requests, opened, cpu: (user + system) / requests, wall: (wallMs * 1_000) / requests, p50, p99 };
  };
}
