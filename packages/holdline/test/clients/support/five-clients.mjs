// A program that knows nothing of Holdline and uses five clients at once, as real programs do: an SDK brings one, a
// framework another. It tells line by line what became of each request, and now and then what it holds.
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import axios from 'axios';
import got from 'got';
import { request } from 'undici7';

const [, , origin, seconds] = process.argv;
const LANES = 4;
const SAMPLE_EVERY_MS = 500;
/** A request that has neither an answer nor an error by then will have none. */
const SILENT_AFTER_MS = 8_000;
/** About B's idle limit, and well within. */
const LONGEST_PAUSE_MS = 100;
const endsAt = Date.now() + Number(seconds) * 1_000;

const agent = new http.Agent({ keepAlive: true });

const clients = {
  http: ({ url, method, headers, body }) =>
    new Promise((resolve, reject) => {
      const asked = http.request(url, { agent, method, headers }, (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode));
        response.resume();
      });
      asked.on('error', reject);
      asked.end(body);
    }),
  axios: async ({ url, method, headers, body }) => {
    const response = await axios.request({ url, method, headers, data: body });
    return response.status;
  },
  got: async ({ url, method, headers, body }) => {
    const response = await got(url, { method, headers, ...(body && { body }), retry: { limit: 0 } });
    return response.statusCode;
  },
  undici: async ({ url, method, headers, body }) => {
    const response = await request(url, { method, headers, body });
    await response.body.dump();
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
  keyed: (id) => ({ method: 'POST', headers: { 'idempotency-key': id }, body: '{"item":7}' }),
  post: () => ({ method: 'POST', headers: {}, body: '{"item":7}' }),
};

const oneOf = (list) => list[Math.floor(Math.random() * list.length)];
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function ask(name, id, kind) {
  const { headers, ...wanted } = kinds[kind](id);
  const givenUp = new AbortController();
  const silent = pause(SILENT_AFTER_MS, 'silent', { signal: givenUp.signal });
  silent.catch(() => {});
  try {
    const asked = clients[name]({ url: `${origin}/`, headers: { ...headers, 'x-id': id }, ...wanted });
    const status = await Promise.race([asked, silent]);
    tell(status === 'silent' ? { id, kind, silent: true } : { id, kind });
  } catch (error) {
    const { code, message, hangUp } = error.cause?.hangUp ? error.cause : error;
    tell({ id, kind, error: { code, message, reason: hangUp?.reason } });
  } finally {
    givenUp.abort();
  }
}

/** What B is to do with the request stands before the `~`; see b-worker.mjs. */
async function lane(name, index) {
  for (let count = 0; Date.now() < endsAt; count++) {
    const kind = oneOf(Object.keys(kinds));
    const way = oneOf(['good', 'good', 'good', 'kept', 'slow', kind === 'get' ? 'unread' : 'executed']);
    await ask(name, `${way}~${name}-${index}-${count}`, kind);
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
const names = Object.keys(clients);
await Promise.all(names.flatMap((name) => Array.from({ length: LANES }, (_, index) => lane(name, index))));
clearInterval(sampling);
agent.destroy();
process.exit();
