// The arms that are servers: here the measured process serves, and another one asks.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { harden } from 'holdline/server';
import { settled } from './settled.mjs';

/** Longer than an arm may wait for its turn. */
const KEPT_MS = 600_000;

const prepare = {
  hardened: (server) => harden(server, { keepAliveTimeoutMs: KEPT_MS }),
  bare: keepLong,
  again: keepLong,
};

function keepLong(server) {
  Object.assign(server, {
    keepAliveTimeout: KEPT_MS,
    headersTimeout: KEPT_MS + 2_000,
    requestTimeout: KEPT_MS + 2_000,
  });
}

/** Starts the server of an arm, and who asks it. @returns What has that one do something: `ask(what)`. */
async function start({ arm, concurrency }) {
  const server = http.createServer((_, response) => response.end('ok'));
  prepare[arm](server);
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  const asker = fork(new URL('asker.mjs', import.meta.url), { execArgv: [] });
  return async (what) => {
    asker.send({ port: server.address().port, concurrency, ...what });
    const [answer] = await once(asker, 'message');
    return answer;
  };
}

/** The server's CPU for a request. @returns A function that runs one block. */
export function hotServer(target) {
  const starting = start(target);
  return async ({ requests }) => {
    const ask = await starting;
    // Another process had the caches: the first requests do not count.
    await ask({ requests: target.concurrency + Math.ceil(requests / 4) });
    const beganAt = performance.now();
    const cpu = process.cpuUsage();
    const { opened, p50, p99 } = await ask({ requests });
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - beganAt;
    return { requests, opened, cpu: (user + system) / requests, wall: (wallMs * 1_000) / requests, p50, p99 };
  };
}

/** What an idle connection holds in the server's heap. @returns A function that gives the bytes for each. */
export function heapOfServer(target) {
  const starting = start(target);
  return async ({ connections }) => {
    const ask = await starting;
    // Code, caches and Node's free lists come with the first connections.
    await ask({ open: connections });
    await settled();
    await ask({ close: true });
    await settled();
    const before = process.memoryUsage().heapUsed;
    await ask({ open: connections });
    await settled();
    const held = process.memoryUsage().heapUsed - before;
    await ask({ close: true });
    return { heap: held / connections };
  };
}
