// Starts B, lets A send orders with pauses of about B's limit, and prints what became of them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { agentFor, order } from './a.js';
import { IDLE_LIMIT_MS } from './timeouts.js';

const PAUSES_MS = [0.5, 0.8, 0.95, 0.99, 1, 1.01, 1.05, 1.2].map((part) => part * IDLE_LIMIT_MS);
const ORDERS = 3;

const b = fork(new URL('b.js', import.meta.url));
const [port] = await once(b, 'message');
const origin = `http://127.0.0.1:${port}`;
const agent = agentFor(origin);
const failures = [];
let taken = 0;

/** Some orders with the same pause between them. */
async function lane(pauseMs) {
  for (let item = 0; item < ORDERS; item++) {
    if (item > 0) await pause(pauseMs);
    try {
      if ((await order(origin, agent, item)) === 'taken') taken++;
    } catch (error) {
      failures.push(error);
    }
  }
}

await Promise.all(PAUSES_MS.map(lane));
const { requests, connects, reused, letGo, hangUps } = agent.counts();
console.log(`B closes a connection that was idle for ${IDLE_LIMIT_MS} ms; A lets go before.

  orders sent             ${requests}, with pauses of ${Math.min(...PAUSES_MS)} to ${Math.max(...PAUSES_MS)} ms between
  taken by B              ${taken}
  failed                  ${failures.length}
  connections             ${connects}, used again ${reused} times
  let go, being idle      ${letGo}
  hang-ups                ${hangUps}`);
for (const { message } of failures) console.log(`\n${message}`);
agent.destroy();
b.disconnect();
process.exitCode = failures.length === 0 ? 0 : 1;
