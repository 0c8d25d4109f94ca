// Paced traffic: each connection rests for 5 to 50 ms between two requests, as in a service that has work to do but is not
// overrun. A connection that rested that long is looked at before it is used, so the look is in these figures.
import { performance } from 'node:perf_hooks';
import { seededIntegers } from './random.mjs';
import { percentiles } from './statistics.mjs';

const GAP_MS = [5, 50];
/** By then each connection has been used since the arm's turn began, and the caches are its own again. */
const LEAD_IN_MS = 80;

/** @returns A function that runs one block. */
export function pacedTraffic(target, { clientOf }) {
  const client = clientOf(target);
  // Each connection is a pool of its own: from one pool Node takes the connection used last, and few would ever rest.
  const lanes = [];

  return async ({ connections, windowMs, seed }) => {
    while (lanes.length < connections) lanes.push(client.sender({ lane: `lane ${lanes.length}` }));
    const traffic = startTraffic(lanes.slice(0, connections), seed);
    await delay(LEAD_IN_MS);
    const latencies = traffic.record();
    const openedBefore = client.opened();
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    await delay(windowMs);
    const { user, system } = process.cpuUsage(cpu);
    const load = performance.eventLoopUtilization(loop).utilization;
    const opened = client.opened() - openedBefore;
    const requests = latencies.length;
    const figures = { requests, opened, load, cpu: (user + system) / requests, ...percentiles(latencies) };
    await traffic.stop();
    return figures;
  };
}

function startTraffic(lanes, seed) {
  const timers = [];
  let inFlight = 0;
  let latencies;
  let stopped;

  const drive = (send, index) => {
    const gap = seededIntegers(seed * 10_007 + index, ...GAP_MS);
    const rest = (ms) => {
      timers[index] = setTimeout(ask, ms, performance.now() + ms);
    };
    const ask = (dueAt) => {
      inFlight++;
      send(() => {
        inFlight--;
        // From when it was due, so that a busy loop counts against whoever made it busy.
        latencies?.push(performance.now() - dueAt);
        if (!stopped) rest(gap());
        else if (inFlight === 0) stopped();
      });
    };
    rest(gap() - GAP_MS[0]);
  };
  lanes.forEach(drive);

  return {
    record: () => {
      latencies = [];
      return latencies;
    },
    stop: () => {
      latencies = undefined;
      timers.forEach((timer) => clearTimeout(timer));
      return new Promise((resolve) => {
        stopped = resolve;
        if (inFlight === 0) resolve();
      });
    },
  };
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
