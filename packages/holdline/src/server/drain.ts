import type { DrainStep } from '../events/channels.js';
import { serverDrainChannel } from '../events/channels.js';
import { drainBoundMs, residualRisk } from '../policy/drain.js';
import { type DrainOptions, type DrainSettings, settleDrain, timesOf } from './drain-options.js';
import { type CutDuring, type DrainReport, reportLine } from './drain-report.js';
import { hardenedServers } from './harden.js';
import type { HardenedServer } from './hardened-server.js';
import { ServerDrain } from './server-drain.js';

/**
 * Ends servers so that no request is lost:
 *
 * 1. `hardened.ready` turns false, `onNotReady` is called, and for `noticeMs` all goes on as before, so that the load
 *    balancer can see it.
 * 2. Each response says `Connection: close`, whatever its handler says. No request is answered by a 503 instead.
 * 3. No more connections are accepted; those that had been made are.
 * 4. A connection is left alone for as long as its client may still use it, then looked at, and ended by a FIN. Slow
 *    heads and slow bodies still meet their timeouts. HTTP/2 sessions get a GOAWAY and end their streams.
 * 5. At the limit what is left is cut, and told.
 *
 * It takes at most notice, longest request, idle limit and linger; under load it is over as soon as each connection has
 * had one more response.
 *
 * Gotchas: with `onSignal` the process is ended by it, so do what remains to be done (close the database) in a program
 * that says `exit: false`, after `await drain(…)`. While HTTP/2 clients open streams the moment they get the GOAWAY,
 * Node refuses those (REFUSED_STREAM, which says that they may be sent again).
 *
 * @returns When the servers are closed: what happened. Rejects only with what a hook threw, once all is drained.
 * @throws TypeError for an option that is not allowed, and for a server that is being drained already.
 *
 * @example
 * import http from 'node:http';
 * import { drain, harden } from 'holdline/server';
 *
 * const server = http.createServer((request, response) => response.end('ok'));
 * harden(server, { behind: 'aws-alb' });
 * void drain({ onSignal: ['SIGTERM'], log: console.error });
 */
export async function drain(options: DrainOptions = {}): Promise<DrainReport> {
  const settings = settleDrain(options);
  if (settings.onSignal.length > 0) await signalOf(settings.onSignal);
  const { report, failure } = await drainNow(settings);
  settings.log(reportLine(report));
  if (failure) throw failure.error;
  if (settings.exit) process.exit(report.exitCode);
  return report;
}

/** Resolves at the first signal; a further one ends the process as it would have without a listener. */
function signalOf(signals: readonly NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    const second = (signal: NodeJS.Signals) => {
      for (const each of signals) process.off(each, second);
      process.kill(process.pid, signal);
    };
    const first = () => {
      for (const each of signals) process.off(each, first).on(each, second);
      resolve();
    };
    for (const each of signals) process.on(each, first);
  });
}

async function drainNow(settings: DrainSettings): Promise<{ report: DrainReport; failure: Failure | undefined }> {
  const begunMs = performance.now();
  const servers = settings.servers ?? Array.from(hardenedServers);
  if (servers.some(({ ready }) => !ready)) {
    throw new TypeError('Holdline: a server is being drained already; wait for what the first drain() returned.');
  }
  const times = timesOf(settings, servers);
  const drains = servers.map(
    (server) => new ServerDrain(server, { idleMs: settings.idleMs ?? server.settings.limitMs }),
  );
  const tell = (step: DrainStep) =>
    serverDrainChannel.publish(() => ({
      step,
      afterMs: performance.now() - begunMs,
      open: servers.reduce((sum, { openCount }) => sum + openCount, 0),
    }));
  const limit = new Limit(settings.limitMs ?? drainBoundMs(times));
  tell('notice');
  let failure = await limit.orAtOnce(notice(settings));
  for (const each of drains) each.mark();
  tell('stop-accepting');
  failure ??= tellOpenEnded(settings, servers);
  await acceptWhatWaits(servers);
  for (const each of drains) each.stopAccepting();
  const finished = Promise.all(drains.map((each) => each.finish()));
  await limit.orAtOnce(finished);
  tell(limit.isOver ? 'limit' : 'drained');
  if (limit.isOver) for (const each of drains) each.cutRest();
  await finished;
  limit.clear();
  for (const each of drains) each.release();
  return { report: reportOf(drains, performance.now() - begunMs), failure };
}

/** What a hook of the user's threw. It must not stop a drain, so it is kept for later. */
interface Failure {
  readonly error: unknown;
}

/** Waits for the user and for the load balancer. */
async function notice({ onNotReady, noticeMs }: DrainSettings): Promise<Failure | undefined> {
  const waited = new Promise<void>((resolve) => setTimeout(resolve, noticeMs));
  const hook = (async () => {
    await onNotReady();
    return undefined;
  })().catch((error: unknown) => ({ error }));
  const [failure] = await Promise.all([hook, waited]);
  return failure;
}

/** What ends by itself only if the program says so. */
function tellOpenEnded(settings: DrainSettings, servers: readonly HardenedServer[]): Failure | undefined {
  let failure: Failure | undefined;
  for (const { socket, upgraded, response } of servers.flatMap(({ connections }) => [...connections])) {
    try {
      if (upgraded) settings.onUpgraded(socket);
      else if (response?.headersSent) settings.onResponding(response);
    } catch (error) {
      failure ??= { error };
    }
  }
  return failure;
}

/** More turns than an accept queue is long (at most 65 535, by Linux's `somaxconn` 4 096). */
const MOST_TURNS = 10_000;

/**
 * Connections that wait in the kernel's accept queue would be reset with the listener. A turn of the event loop accepts
 * no more than one of each listener (libuv 1.45 and later), so turns until some bring none.
 */
async function acceptWhatWaits(servers: readonly HardenedServer[]): Promise<void> {
  const accepted = () => servers.reduce((sum, server) => sum + server.accepted, 0);
  let before = accepted();
  for (let quiet = 0, turn = 0; quiet < 2 && turn < MOST_TURNS; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = accepted();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** The hard limit of a drain. */
class Limit {
  isOver = false;
  readonly #timer: NodeJS.Timeout;
  readonly #over: Promise<undefined>;

  constructor(limitMs: number) {
    const { promise, resolve } = withResolver();
    this.#over = promise;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      resolve();
    }, limitMs);
  }

  /** What is waited for, but not past the limit. */
  orAtOnce<Value>(waited: Promise<Value>): Promise<Value | undefined> {
    return Promise.race([waited, this.#over]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function withResolver(): { promise: Promise<undefined>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<undefined>((done) => (resolve = () => done(undefined)));
  return { promise, resolve };
}

function reportOf(drains: readonly ServerDrain[], tookMs: number): DrainReport {
  const sum = (of: (each: ServerDrain) => number) => drains.reduce((total, each) => total + of(each), 0);
  const cut: Partial<Record<CutDuring, number>> = {};
  for (const each of drains) {
    for (const [during, count] of Object.entries(each.cut) as [CutDuring, number][]) {
      cut[during] = (cut[during] ?? 0) + count;
    }
  }
  const risks = drains.map(({ server: { settings }, options }) => residualRisk({ ...settings, ...options }));
  return {
    tookMs,
    served: sum((each) => each.requestsServed),
    closed: {
      byClient: sum((each) => each.closed.byClient),
      afterResponse: sum((each) => each.closed.afterResponse),
      afterIdle: sum((each) => each.closed.afterIdle),
    },
    cut,
    lateRequestsSaved: sum((each) => each.lateRequestsSaved),
    residualRisk: risks.find((risk) => risk !== undefined),
    exitCode: Object.keys(cut).length > 0 ? 1 : 0,
  };
}
