// A: many connections in parallel, each used for one priming request and one request that is judged.
// Gets its job from the runner over IPC, appends its history to a file, and reports what Holdline's events counted.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure } from './probe.mjs';
import { sendByUndici, undiciMaker } from './undici-client.mjs';

const requestOf = {
  get: { method: 'GET' },
  keyed: { method: 'POST', headers: (id) => ({ 'idempotency-key': id }) },
  post: { method: 'POST' },
};

/** The trial whose request an event or an error belongs to; Holdline promises to keep each request's context. */
const current = new AsyncLocalStorage();

process.once('message', async (job) => {
  try {
    process.send(await run(job));
  } catch (error) {
    process.send({ failure: error.stack });
  }
  process.disconnect();
});

async function run(job) {
  const target = { host: job.host, socketPath: job.socketPath, tls: job.tls };
  const seen = await measure({ ...target, port: Object.values(job.ports)[0] }, job.probes);
  const aim = aimAt(job, seen);
  const counters = listen(job);
  const state = new State(job, counters);
  const agents = agentMaker(job);
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: job.lanes }, (_, index) => lane({ job, state, agent: agents(), aim, counters, index })),
  );
  state.flush();
  const surfacedIn = job.kinds.map((kind) => [kind, { trials: state.trials[kind], ...counters.of(kind) }]);
  return {
    limitMs: seen.limitMs,
    limitSpreadMs: seen.spreadMs,
    rttMs: seen.rttMs,
    tookMs: Math.round(performance.now() - begun),
    primesFailed: state.primesFailed,
    faults: counters.faults,
    letGo: counters.letGo,
    kinds: Object.fromEntries(surfacedIn),
  };
}

/** How long a connection is left idle before the request that is judged. */
function aimAt(job, { limitMs, rttMs }) {
  let shift = 0;
  const most = rttMs + 5;
  const stepMs = Math.max(0.02, 0.004 * rttMs);
  const jitter = Math.min(1, rttMs);
  return {
    pick() {
      if (Math.random() >= job.nearIdleEnd) return { ms: 0 };
      return { ms: limitMs + shift - Math.random() * rttMs + (Math.random() * 2 - 1) * jitter, aimed: true };
    },
    /** Timers under load are late, by an amount that drifts: answered means too early, a closed connection too late. */
    learn({ hungUp, reused }) {
      if (!hungUp) shift = Math.max(-most, Math.min(most, shift + (reused ? 1 : -1) * stepMs));
    },
  };
}

class State {
  trials = {};
  underWay = {};
  primesFailed = 0;
  #lines = [];
  #job;
  #counters;
  #ends;

  constructor(job, counters) {
    this.#job = job;
    this.#counters = counters;
    this.#ends = performance.now() + job.timeLimitMs;
    writeFileSync(job.history, '');
    for (const kind of job.kinds) this.trials[kind] = this.underWay[kind] = 0;
  }

  /** The kind that is furthest from its count, or undefined when all have it, or when time is up. */
  next() {
    if (performance.now() > this.#ends) return undefined;
    const { kinds, count, countBy } = this.#job;
    const done = (kind) => (countBy === 'crossings' ? this.#counters.of(kind).hangUps : this.trials[kind]);
    const open = kinds.filter((kind) => done(kind) < count);
    const reach = (kind) => done(kind) + this.underWay[kind];
    return open.length > 0 ? open.reduce((least, each) => (reach(each) < reach(least) ? each : least)) : undefined;
  }

  record(line) {
    this.#lines.push(JSON.stringify(line));
    if (this.#lines.length >= 500) this.flush();
  }

  flush() {
    if (this.#lines.length > 0) writeFileSync(this.#job.history, `${this.#lines.join('\n')}\n`, { flag: 'a' });
    this.#lines = [];
  }
}

async function lane(tools) {
  const { job, state } = tools;
  await sleep(Math.random() * job.spreadMs);
  for (let turn = 0; ; turn++) {
    const kind = state.next();
    if (!kind) return;
    state.underWay[kind]++;
    await trial(tools, kind, turn);
    state.underWay[kind]--;
  }
}

async function trial({ job, state, agent, aim, counters, index }, kind, turn) {
  const where = { port: job.ports[kind], host: job.host, socketPath: job.socketPath, agent, tls: job.tls };
  const prime = await sendBy(job)(where, { method: 'GET', silentAfterMs: job.silentAfterMs });
  if (prime.outcome !== 'answered') {
    state.primesFailed++;
    await sleep(10);
    return;
  }
  const id = `${job.prefix}${kind}-${index}-${turn}`;
  const idle = aim.pick();
  if (idle.ms > 0) await sleep(prime.endedAt + idle.ms - performance.now());
  const mark = { hangUp: false, ended: false };
  const result = await current.run(mark, judged, where, job, kind, id);
  mark.ended = true;
  if (result.outOfContext) counters.of(kind).outOfContext++;
  // Without events (a plain agent) the error is the hang-up; with them, the event is, cured or not.
  if (job.agent !== 'holdline' && result.hungUp) counters.of(kind).hangUps++;
  if (idle.aimed) aim.learn({ hungUp: result.hungUp || mark.hangUp, reused: result.reused });
  state.trials[kind]++;
  state.record([id, kind, result.outcome, result.detail ?? '', Math.round(result.tookMs)]);
  result.socket?.destroy();
}

async function judged(where, job, kind, id) {
  const { method, headers } = requestOf[kind];
  const request = {
    method,
    headers: {
      'x-id': id,
      ...(job.mix && { 'x-way': job.mix[Math.floor(Math.random() * job.mix.length)] }),
      ...headers?.(id),
    },
    body: method === 'POST' ? Buffer.alloc(job.bodyBytes, 'b') : undefined,
    silentAfterMs: job.silentAfterMs,
  };
  const way = request.headers['x-way'];
  let result = await sendBy(job)(where, request);
  if (job.agent === 'blind' && result.hungUp) result = { ...(await send(where, request)), hungUp: true };
  if (way) result.detail = { ...result.detail, way };
  return result;
}

const sendBy = (job) => (job.by ? (where, request) => sendByUndici(job, where, request) : send);

/**
 * One request; never rejects. outcome: answered, surfaced or silent (neither an answer nor an error).
 * A Connection header other than the usual one keeps Apache from telling its limit, which would let A act in time.
 */
function send({ tls, ...where }, { method, headers = {}, body, silentAfterMs }) {
  return new Promise((resolve) => {
    const begun = performance.now();
    const mark = current.getStore();
    const request = (tls ? https : http).request({
      ...where,
      method,
      path: '/',
      headers: { ...headers, connection: 'te', 'content-length': body?.length ?? 0 },
    });
    const done = (outcome, detail, hungUp = false) => {
      clearTimeout(silence);
      const endedAt = performance.now();
      const { reusedSocket: reused, socket } = request;
      const outOfContext = current.getStore() !== mark;
      resolve({
        outcome,
        detail,
        hungUp: hungUp && reused,
        reused,
        socket,
        endedAt,
        tookMs: endedAt - begun,
        outOfContext,
      });
    };
    const silence = setTimeout(() => {
      done('silent', { waitedMs: silentAfterMs });
      request.destroy();
    }, silentAfterMs);
    request.on('response', (response) => {
      response.on('error', (error) => done('surfaced', { code: error.code, partial: true }));
      response.on('end', () => done('answered', { status: response.statusCode }));
      response.resume();
    });
    request.on('error', (error) => {
      const { reason, evidence, reused, idleMs, requests } = error.hangUp ?? {};
      done(
        'surfaced',
        {
          code: error.code,
          message: error.hangUp ? undefined : error.message,
          reason,
          evidence,
          reused,
          idleMs,
          requests,
        },
        error.code === 'ECONNRESET' || error.code === 'EPIPE',
      );
    });
    // after an answer or an error this changes nothing: a promise resolves once
    request.on('close', () => setImmediate(() => done('silent', { closed: true })));
    request.end(body);
  });
}

/** A new agent for each lane: the request that is judged must go on the connection that was primed. */
function agentMaker(job) {
  const common = { keepAlive: true, maxSockets: 1, ...(job.tls && { ca: readFileSync(job.ca) }) };
  if (job.agent !== 'holdline') return () => new (job.tls ? https : http).Agent(common);
  const { Agent, HttpsAgent } = createRequire(import.meta.url)(`${job.dist}/index.js`);
  // A limit far above B's makes the cutoff useless, so that requests do meet B's FIN.
  const origins = {};
  for (const [kind, port] of Object.entries(job.ports)) {
    origins[originOf(job, port)] = {
      idempotencyKeys: kind === 'keyed',
      ...(job.statedLimitMs && { idleLimitMs: job.statedLimitMs }),
    };
  }
  const budget = { ratio: Infinity, perSecond: Infinity, burst: Infinity };
  const far = { unknownIdleLimitMs: 600_000, maxIdleMs: 600_000, marginMs: 0 };
  const options = { ...far, origins, budget, ...job.options };
  return job.by ? undiciMaker(job, options) : () => new (job.tls ? HttpsAgent : Agent)({ ...common, ...options });
}

const originOf = (job, port) =>
  job.socketPath ? `unix:${job.socketPath}` : `${job.tls ? 'https' : 'http'}://${job.host}:${port}`;

/** Counts Holdline's events for each kind; the kinds have ports, so origins, of their own. */
function listen(job) {
  const kindOf = new Map(Object.entries(job.ports).map(([kind, port]) => [originOf(job, port), kind]));
  const counts = Object.fromEntries(
    job.kinds.map((kind) => [
      kind,
      { hangUps: 0, fresh: 0, unattributed: 0, outOfContext: 0, reasons: {}, evidence: {}, how: {}, replays: {} },
    ]),
  );
  const letGo = {};
  const faults = { count: 0, first: [] };
  const add = (counter, name) => {
    counter[name] = (counter[name] ?? 0) + 1;
  };
  subscribe('holdline:hang-up', (event) => {
    const count = counts[kindOf.get(event.origin)];
    if (!event.reused || !event.evidence) {
      if (count) count.fresh++;
      return;
    }
    const mark = current.getStore();
    if (mark && !mark.ended) mark.hangUp = true;
    else count.unattributed++;
    count.hangUps++;
    add(count.reasons, event.reason);
    add(count.evidence, event.evidence);
    add(count.how, event.how);
  });
  subscribe('holdline:replay', (event) => add(counts[kindOf.get(event.origin)].replays, event.ok ? 'ok' : 'failed'));
  subscribe('holdline:let-go', (event) => add(letGo, event.reason));
  subscribe('holdline:fault', (event) => {
    if (faults.count++ < 3) faults.first.push(event.error?.stack ?? String(event.error));
  });
  return { of: (kind) => counts[kind], letGo, faults };
}
