// A program that knows nothing of Holdline and uses five clients at once, as real programs do: an SDK brings one, a
// framework another. They speak to B over TCP and over TLS, send bodies of all sizes, read large answers, and lose their
// patience now and then. The program tells line by line what became of each request, and what it holds.
import { readdirSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import axios from 'axios';
import got from 'got';
import { request } from 'undici7';

const [, , seconds, ...origins] = process.argv;
/** Of each client to each origin. */
const LANES = 2;
const SAMPLE_EVERY_MS = 500;
/** A request that has neither an answer nor an error by then will have none. */
const SILENT_AFTER_MS = 8_000;
/** About B's idle limit, and well within. */
const LONGEST_PAUSE_MS = 100;
/** One request in so many is given up, after a time that B may need for an answer. */
const GIVEN_UP_ONE_IN = 12;
const LONGEST_PATIENCE_MS = 15;
/** A Line records them all. */
const BODY_BYTES = [10, 10, 10, 3_000, 40_000];
const endsAt = Date.now() + Number(seconds) * 1_000;

const nodes = {
  'http:': { askNode: http.request, agent: new http.Agent({ keepAlive: true }) },
  'https:': { askNode: https.request, agent: new https.Agent({ keepAlive: true }) },
};

const clients = {
  http: ({ url, method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const { askNode, agent } = nodes[new URL(url).protocol];
      const asked = askNode(url, { agent, method, headers, signal }, (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode));
        response.resume();
      });
      asked.on('error', reject);
      asked.end(body);
    }),
  axios: async ({ url, method, headers, body, signal }) => {
    const response = await axios.request({ url, method, headers, data: body, signal });
    return response.status;
  },
  got: async ({ url, method, headers, body, signal }) => {
    const response = await got(url, { method, headers, signal, ...(body && { body }), retry: { limit: 0 } });
    return response.statusCode;
  },
  undici: async ({ url, method, headers, body, signal }) => {
    const response = await request(url, { method, headers, body, signal });
    await response.body.text();
    return response.statusCode;
  },
  fetch: async ({ url, ...init }) => {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    return response.status;
  },
};

const kinds = {
  get: () => ({ method: 'GET', headers: {} }),
  keyed: (id) => ({ method: 'POST', headers: { 'idempotency-key': id }, body: body() }),
  post: () => ({ method: 'POST', headers: {}, body: body() }),
};

const oneOf = (list) => list[Math.floor(Math.random() * list.length)];
const body = () => '{"item":7}'.padEnd(oneOf(BODY_BYTES));
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function ask(name, origin, id, kind) {
  const { headers, ...wanted } = kinds[kind](id);
  const patience = new AbortController();
  const ended = new AbortController();
  const silent = pause(SILENT_AFTER_MS, { silent: true }, { signal: ended.signal });
  silent.catch(() => {});
  if (Math.random() < 1 / GIVEN_UP_ONE_IN) {
    setTimeout(() => patience.abort(), Math.random() * LONGEST_PATIENCE_MS);
  }
  const asked = clients[name]({
    url: `${origin}/`,
    headers: { ...headers, 'x-id': id },
    signal: patience.signal,
    ...wanted,
  });
  try {
    tell({ id, kind, ...(await Promise.race([asked.then(() => ({})), silent])) });
  } catch (error) {
    const { code, message, hangUp } = error.cause?.hangUp ? error.cause : error;
    tell({ id, kind, abandoned: patience.signal.aborted, error: { code, message, reason: hangUp?.reason } });
  } finally {
    ended.abort();
  }
}

/** What B is to do with the request stands before the `~`; see b-worker.mjs. */
async function lane(name, origin, index) {
  const secure = origin.startsWith('https:') ? 's' : '';
  for (let count = 0; Date.now() < endsAt; count++) {
    const kind = oneOf(Object.keys(kinds));
    const way = oneOf(['good', 'good', 'good', 'kept', 'slow', 'large', kind === 'get' ? 'unread' : 'executed']);
    await ask(name, origin, `${way}~${name}${secure}-${index}-${count}`, kind);
    await pause(Math.random() * LONGEST_PAUSE_MS);
  }
}

function sample() {
  globalThis.gc();
  const { heapUsed } = process.memoryUsage();
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  tell({ sample: { heapUsed, timers, descriptors: readdirSync('/proc/self/fd').length } });
}

const sampling = setInterval(sample, SAMPLE_EVERY_MS);
const lanes = Object.keys(clients).flatMap((name) =>
  origins.flatMap((origin) => Array.from({ length: LANES }, (_, index) => lane(name, origin, index))),
);
await Promise.all(lanes);
clearInterval(sampling);
for (const { agent } of Object.values(nodes)) agent.destroy();
process.exit();
