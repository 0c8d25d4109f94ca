// A as undici, or as the fetch that is built into Node: the same request as client.mjs makes, told in the same way.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const undiciFolder = fileURLToPath(new URL('../undici/', import.meta.url));
const requireUndici = createRequire(new URL('../undici/package.json', import.meta.url));

const askBy = {
  async undici(client, url, request) {
    const { statusCode, body } = await client.request({ path: url.pathname, ...request });
    await body.dump({ limit: 1e6 });
    return statusCode;
  },
  async fetch(client, url, request) {
    const response = await fetch(url, { dispatcher: client, ...request });
    await response.arrayBuffer();
    return response.status;
  },
};

/** Makes the client of a lane, which has one connection. */
export function undiciMaker(job, options) {
  const { connector } = createRequire(import.meta.url)(`${job.dist}/undici/index.js`);
  const own = { keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000, pipelining: 1, connections: 1 };
  const Agent = job.by === 'fetch' ? builtInAgent() : requireUndici(job.by).Agent;
  const ca = job.tls ? readFileSync(job.ca) : undefined;
  return () => {
    const connect = connector({ ...options, ca });
    return { agent: new Agent({ connect, ...own }), counts: connect.counts };
  };
}

function builtInAgent() {
  void globalThis.Headers; // has Node load its undici
  const [first, latest] = [1, 2].map((version) => globalThis[Symbol.for(`undici.globalDispatcher.${version}`)]);
  return (latest ?? first).constructor;
}

/** One request; never rejects. See `send` in client.mjs. */
export async function sendByUndici(job, { agent: { agent, counts }, ...where }, request) {
  const { method, headers = {}, body, silentAfterMs } = request;
  const origin = `${where.tls ? 'https' : 'http'}://${where.host}:${where.port}`;
  const asked = { method, headers: { ...headers, 'content-length': String(body?.length ?? 0) }, body };
  if (job.by === 'fetch' || !body) delete asked.headers['content-length']; // they see to it themselves
  const begun = performance.now();
  const { connects } = counts();
  const before = connects;
  let outcome = 'answered';
  let detail;
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, silentAfterMs, 'late');
  });
  try {
    const client = job.by === 'fetch' ? agent : { request: (options) => agent.request({ origin, ...options }) };
    const status = await Promise.race([
      askBy[job.by === 'fetch' ? 'fetch' : 'undici'](client, new URL(`${origin}/`), asked),
      late,
    ]);
    if (status === 'late') [outcome, detail] = ['silent', { waitedMs: silentAfterMs }];
    else detail = { status };
  } catch (error) {
    const inner = error.cause ?? error;
    const { reason, evidence, reused, idleMs, requests } = inner.hangUp ?? {};
    const message = inner.hangUp ? undefined : inner.message;
    const code = inner.code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : inner.code;
    [outcome, detail] = ['surfaced', { code, message, reason, evidence, reused, idleMs, requests }];
  }
  clearTimeout(timer);
  const endedAt = performance.now();
  return {
    outcome,
    detail,
    hungUp: outcome === 'surfaced' && detail.code === 'ECONNRESET',
    reused: before > 0 && counts().connects === before,
    endedAt,
    tookMs: endedAt - begun,
  };
}
