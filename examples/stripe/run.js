// Charges orders with stripe-node while its server closes connections and crashes, on Node's agent and on Holdline's.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'holdline';
import Stripe from 'stripe';

/** Two of them kill the worker that charges them. After every fourth there is a pause of about the server's idle limit. */
const ORDERS = Array.from({ length: 24 }, (_, index) => (index % 8 === 6 ? `crash-${index}` : `order-${index}`)).slice(
  0,
  20,
);
const PAUSE_MS = 200;

async function chargeAll(agentFor) {
  const directory = mkdtempSync(path.join(tmpdir(), 'stripe-like-'));
  const ledger = path.join(directory, 'ledger');
  writeFileSync(ledger, '');
  const server = fork(new URL('server.js', import.meta.url), [ledger]);
  const [port] = await once(server, 'message');
  const agent = agentFor(`http://127.0.0.1:${port}`);
  const httpClient = countingAttempts(Stripe.createNodeHttpClient(agent));
  const stripe = new Stripe('sk_test_example', {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    httpClient,
    telemetry: false,
  });
  let failed = 0;
  let slowestMs = 0;
  for (const [index, description] of ORDERS.entries()) {
    const begun = performance.now();
    await stripe.charges.create({ amount: 500, currency: 'eur', description }).catch(() => failed++);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    if (index % 4 === 3) await pause(PAUSE_MS);
  }
  const charges = readFileSync(ledger, 'utf8').trim().split('\n');
  const orders = new Set(charges.map((line) => line.split(' ')[0]));
  agent.destroy();
  server.disconnect();
  await once(server, 'exit');
  rmSync(directory, { recursive: true });
  return {
    orders: ORDERS.length,
    'charged once': orders.size - (charges.length - orders.size),
    'charged twice': charges.length - orders.size,
    failed,
    'sent again by Holdline': agent.counts?.().replays ?? '-',
    'retried by stripe-node': httpClient.attempts - ORDERS.length,
    'slowest, ms': Math.round(slowestMs),
  };
}

function countingAttempts(httpClient) {
  const { makeRequest } = httpClient;
  return Object.assign(httpClient, {
    attempts: 0,
    makeRequest(...args) {
      httpClient.attempts++;
      return makeRequest.apply(httpClient, args);
    },
  });
}

const plain = await chargeAll(() => new http.Agent({ keepAlive: true }));
const holdline = await chargeAll((origin) => new Agent({ origins: { [origin]: { idempotencyKeys: true } } }));
console.log(`${''.padEnd(24)}${'http.Agent'.padStart(12)}${'Holdline'.padStart(12)}`);
for (const [name, value] of Object.entries(plain)) {
  console.log(`${name.padEnd(24)}${String(value).padStart(12)}${String(holdline[name]).padStart(12)}`);
}
const eachOnce = [plain, holdline].every((arm) => arm['charged once'] === ORDERS.length && arm.failed === 0);
console.log(
  `\nThe ledger's verdict: ${eachOnce ? 'each order was charged once.' : 'NOT each order was charged once.'}`,
);
process.exitCode = eachOnce ? 0 : 1;
