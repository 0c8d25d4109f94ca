// Asks B once by agents that keep the connection, and prints whether the request and its response can be collected then.
import http from 'node:http';
import https from 'node:https';
import { setImmediate as turn } from 'node:timers/promises';
import { Agent, HttpsAgent } from 'holdline';

const [, , url, way] = process.argv;
const secure = url.startsWith('https:');
const client = secure ? https : http;
const agents = {
  "Node's agent": () => new client.Agent({ keepAlive: true }),
  "Holdline's agent": () => new (secure ? HttpsAgent : Agent)(),
};
const MOST_COLLECTIONS = 20;

const agent = agents[way]();
const asked = await ask();
for (let collections = 0; isHeld() && collections < MOST_COLLECTIONS; collections++) {
  await turn(); // what was asked for in this one is not collected in it
  globalThis.gc();
}
const [idle] = Object.values(agent.freeSockets);
console.log(idle?.length, isHeld() ? 'held' : 'forgotten');
agent.destroy();

function ask() {
  return new Promise((resolve, reject) => {
    const request = client.get(url, { agent }, (response) => {
      response.resume().on('end', () => setImmediate(resolve, [new WeakRef(request), new WeakRef(response)]));
    });
    request.on('error', reject);
  });
}

function isHeld() {
  return asked.some((weak) => weak.deref() !== undefined);
}
