import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { systemClock } from './clock.js';
import { dial } from './dial.js';
import { EventQueue } from './event-queue.js';
import type { ProbeEvent } from './events.js';
import { connectFailure, type Failure } from './failure.js';
import { LoopWatch } from './loop-watch.js';
import type { Observation } from './observation.js';
import { type ProbeOptions, settingsOf, type World } from './options.js';
import { Survey } from './survey.js';
import { parseTarget, type Target } from './target.js';

const thisMachine: World = {
  clock: systemClock,
  dial,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};

/**
 * Measures when servers close idle connections: all URLs, all their addresses and all connections at the same time, so it
 * takes as long as the slowest of them.
 *
 * Each URL ends with an event `measured`, whose observation `judge` turns into findings. Leaving the loop, or aborting
 * `options.signal`, closes every connection; after an abort what is known by then is still told.
 *
 * @param urls - As for `parseTarget`; each is probed once, however often it is given.
 * @throws RangeError at the first step where a URL or an option cannot be used.
 * @example
 * for await (const event of probe(['http://127.0.0.1:3000/'], { maxWaitMs: 10_000 })) {
 *   if (event.type === 'measured') console.log(judge(event.observation).findings);
 * }
 */
export async function* probe(urls: readonly string[], options: ProbeOptions = {}): AsyncGenerator<ProbeEvent, void> {
  const settings = settingsOf(options);
  const targets = new Map(urls.map((url) => parseTarget(url, options)).map((target) => [target.url, target]));
  const world = { ...thisMachine, ...options.world };
  const { clock } = world;
  const queue = new EventQueue<ProbeEvent>();
  const surveys = new Set<Survey>();
  const suspendedMs: number[] = [];
  const beganAt = clock.now();
  const watch = new LoopWatch(clock, (gapMs) => {
    suspendedMs.push(gapMs);
    queue.push({ type: 'suspended', gapMs });
    for (const survey of surveys) survey.restart();
  });
  const stop = () => {
    for (const survey of surveys) survey.stop();
  };
  // DNS may take its time; whoever ends the probe does not wait for it.
  let giveUp: (addresses: readonly string[]) => void = () => {};
  const aborted = new Promise<readonly string[]>((settle) => {
    giveUp = settle;
  });
  const abort = () => {
    giveUp([]);
    stop();
  };
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted) abort();

  const measure = async (target: Target): Promise<void> => {
    const observed = await Promise.race([resolve(target, world), aborted]).then(
      async (addresses) => {
        queue.push({
          type: 'resolved',
          url: target.url,
          addresses: addresses.map((one) => one ?? target.socketPath ?? target.host),
        });
        const own = addresses.map(
          (address) =>
            new Survey({ target, address, settings, world, watch, beganAt, tell: (event) => queue.push(event) }),
        );
        for (const survey of own) surveys.add(survey);
        return { addresses: await Promise.all(own.map((survey) => survey.run())) };
      },
      (error: NodeJS.ErrnoException) => {
        const failure: Failure = connectFailure(error, target.host);
        queue.push({ type: 'failed', url: target.url, failure });
        return { addresses: [], failure };
      },
    );
    const observation: Observation = {
      url: target.url,
      ...observed,
      maxWaitMs: settings.maxWaitMs,
      tookMs: clock.now().monotonicMs - beganAt.monotonicMs,
      lagMs: watch.lagMs(),
      suspendedMs: [...suspendedMs],
      interrupted: options.signal?.aborted ?? false,
    };
    queue.push({ type: 'measured', url: target.url, observation });
  };

  try {
    const all = Promise.all([...targets.values()].map(measure));
    void all.then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    );
    yield* queue;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    stop();
    watch.stop();
  }
}

/** The addresses to connect to; undefined stands for what has none. */
async function resolve(target: Target, { lookup: find }: World): Promise<readonly (string | undefined)[]> {
  if (target.socketPath !== undefined || target.proxy) return [undefined];
  if (target.addresses) return target.addresses;
  return isIP(target.host) ? [target.host] : [...new Set(await find(target.host))];
}
