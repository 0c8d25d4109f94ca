// A: asks what stands before B, steadily and in bursts, every other time by a POST, which no proxy repeats by itself. Two
// clients take turns: Node's agent, which lets go of an idle connection before its front of the proxy does, and Holdline's,
// which knows nothing of its front and would keep one for longer than that does. Between two bursts connections are idle for
// about as long as this front keeps them. Its POSTs have a key: what becomes of those without one that cross the front's FIN is
// what the packets ring measures.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'holdline';

let keys = 0;
const TICK_MS = 5;
/** Of the requests, this share comes in bursts. */
const IN_BURSTS = 0.3;
/** Where more are open at a time, the machine cannot keep up; then none is sent. */
const MOST_OPEN = 500;

/** By client: how long its front keeps an idle connection. */
export const FRONTS = { plain: 30_000, holdline: 2_000 };

/**
 * @param ports - By client, where its front is.
 * @returns `{ stop }`, which gives of each client its requests, and what failed.
 */
export function startLoad({ ports, perSecond }) {
  const origins = { [`http://127.0.0.1:${ports.holdline}`]: { idempotencyKeys: true } };
  const clients = {
    plain: {
      port: ports.plain,
      agent: new http.Agent({ keepAlive: true, timeout: FRONTS.plain / 2 }),
      requests: 0,
      failed: [],
    },
    holdline: { port: ports.holdline, agent: new Agent({ keepAlive: true, origins }), requests: 0, failed: [] },
  };
  const turns = Object.values(clients);
  let open = 0;
  let sent = 0;
  const send = () => {
    if (open >= MOST_OPEN) return;
    const client = turns[sent % 2];
    const method = sent % 4 < 2 ? 'POST' : 'GET';
    sent++;
    client.requests++;
    open++;
    ask({ port: client.port, method, agent: client.agent }, (failure) => {
      open--;
      if (failure !== undefined) client.failed.push(failure);
    });
  };
  const begunMs = performance.now();
  let steady = 0;
  const ticks = setInterval(() => {
    const due = ((performance.now() - begunMs) / 1000) * perSecond * (1 - IN_BURSTS);
    for (; steady < due; steady++) send();
  }, TICK_MS);
  let bursts;
  let lastMs = begunMs;
  const burst = () => {
    const nowMs = performance.now();
    for (let due = ((nowMs - lastMs) / 1000) * perSecond * IN_BURSTS; due > 0; due--) send();
    lastMs = nowMs;
    bursts = setTimeout(burst, FRONTS.holdline * (0.9 + Math.random() * 0.2));
  };
  burst();
  return {
    async stop() {
      clearInterval(ticks);
      clearTimeout(bursts);
      await until(() => open === 0);
      for (const { agent } of turns) agent.destroy();
      return Object.fromEntries(
        Object.entries(clients).map(([name, { requests, failed }]) => [name, { requests, failed }]),
      );
    },
  };
}

async function until(holds) {
  while (!holds()) await sleep(20);
}

/** Calls back with what went wrong, if anything. */
export function ask({ port, method = 'GET', agent }, done) {
  const key = method === 'POST' && { 'Idempotency-Key': String(++keys) };
  const options = { host: '127.0.0.1', port, method, agent, headers: { 'Content-Length': 0, ...key } };
  const request = http.request(options, (response) => {
    response
      .resume()
      .once('end', () => done(response.statusCode === 200 ? undefined : `${method} ${response.statusCode}`));
    response.once('error', (error) => done(`${method} ${error.code}`));
  });
  request.once('error', (error) => done(`${method} ${error.code}`));
  request.end();
}
