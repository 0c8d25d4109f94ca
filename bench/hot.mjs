// Hot loops: each of `concurrency` callers sends its next request as soon as it has its answer.
import { performance } from 'node:perf_hooks';
import { agentOf } from './agents.mjs';
import { requestOptions, send } from './client.mjs';
import { percentiles } from './statistics.mjs';

/** @returns A function that runs one block. */
export function hotLoops(target) {
  const { concurrency } = target;
  const agent = agentOf(target);
  const options = { ...requestOptions(target), agent };

  const loop = (requests, latencies) =>
    new Promise((resolve) => {
      let begun = 0;
      let done = 0;
      let opened = 0;
      const next = () => {
        if (begun === requests) return;
        begun++;
        const sentAt = performance.now();
        send(target, options, (reused) => {
          latencies[done++] = performance.now() - sentAt;
          if (!reused) opened++;
          if (done === requests) resolve(opened);
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
    const beganAt = performance.now();
    const cpu = process.cpuUsage();
    const opened = await loop(requests, latencies);
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - beganAt;
    const { p50, p99 } = percentiles(latencies);
    return { requests, opened, cpu: (user + system) / requests, wall: (wallMs * 1_000) / requests, p50, p99 };
  };
}
