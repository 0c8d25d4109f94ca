// Servers in virtual time, and a run of the probe against them: no test that uses them waits.
import { VirtualClock } from 'holdline/testing';
import type { Clock } from '../../src/probe/clock.js';
import type { ProbeEvent } from '../../src/probe/events.js';
import type { Failure } from '../../src/probe/failure.js';
import type { Observation } from '../../src/probe/observation.js';
import type { ProbeOptions, World } from '../../src/probe/options.js';
import { probe } from '../../src/probe/probe.js';
import type { Dial, Wire, WireEnd, WireListener } from '../../src/probe/wire.js';

/** What a virtual server does with a connection. Times in ms. */
export interface Habits {
  readonly rttMs?: number;
  /** Closes a connection that was idle so long; never, if undefined. */
  readonly idleLimitMs?: number;
  readonly closes?: WireEnd | '408';
  /** Closes a connection so long after it was opened, if no request came. */
  readonly firstLimitMs?: number;
  readonly firstCloses?: WireEnd | '408';
  /** What lies between forgets a connection that was idle so long, and then drops or resets what comes. */
  readonly forgetsAfterMs?: number;
  readonly forgetsBy?: 'dropping' | 'resetting';
  /** Closes it at this moment of the run, whatever it does. */
  readonly diesAtMs?: number;
  /** Is cut at this moment: nothing comes any more, either way. */
  readonly cutAtMs?: number;
  readonly fails?: Failure;
  /** The whole response to a request; undefined: none ever. */
  readonly answer?: (request: string, served: number) => string | undefined;
  /** Sends this so long after an answer to HEAD. */
  readonly afterHead?: { readonly text: string; readonly lateMs: number };
  /** Closes right after this many responses. */
  readonly mostRequests?: number;
}

export function response(headers: readonly string[] = [], status = '200 OK'): string {
  return [`HTTP/1.1 ${status}`, ...headers, 'Content-Length: 0', '', ''].join('\r\n');
}

/** A connection to a server with these habits. */
class VirtualConnection implements Wire {
  readonly #clock: VirtualClock;
  readonly #habits: Habits;
  readonly #startMs: number;
  #listener: WireListener | undefined;
  #cancelIdle = () => {};
  #lastMs = 0;
  #served = 0;

  constructor(clock: VirtualClock, habits: Habits, startMs: number, listener: WireListener) {
    this.#clock = clock;
    this.#habits = habits;
    this.#startMs = startMs;
    this.#listener = listener;
    const { rttMs = 2, fails, firstLimitMs, firstCloses = 'fin', diesAtMs } = habits;
    this.#after(rttMs, () => {
      if (fails) return this.#listener?.fail(fails);
      this.#lastMs = this.#now;
      this.#listener?.open({ at: clock.now(), connectMs: rttMs });
      if (firstLimitMs !== undefined && this.#served === 0) this.#closeAfter(firstLimitMs, firstCloses);
    });
    if (diesAtMs !== undefined) this.#after(Math.max(0, diesAtMs - this.#sinceStart), () => this.#close('fin'));
  }

  write(request: string): void {
    const {
      rttMs = 2,
      forgetsAfterMs,
      forgetsBy,
      answer = () => response(),
      idleLimitMs,
      closes = 'fin',
    } = this.#habits;
    this.#cancelIdle();
    if (forgetsAfterMs !== undefined && this.#served > 0 && this.#now - this.#lastMs > forgetsAfterMs) {
      if (forgetsBy === 'resetting') this.#after(rttMs, () => this.#listener?.end('reset', this.#clock.now()));
      return;
    }
    const served = ++this.#served;
    const text = answer(request, served - 1);
    this.#after(rttMs, () => {
      this.#lastMs = this.#now;
      if (text === undefined) return;
      this.#listener?.data(Buffer.from(text), this.#clock.now());
      const { afterHead } = this.#habits;
      if (afterHead && request.startsWith('HEAD'))
        this.#after(afterHead.lateMs, () => this.#listener?.data(Buffer.from(afterHead.text), this.#clock.now()));
      if (served === this.#habits.mostRequests || /connection: close/i.test(text))
        this.#after(0, () => this.#close('fin'));
      else if (idleLimitMs !== undefined) this.#closeAfter(idleLimitMs, closes);
    });
  }

  destroy(): void {
    this.#listener = undefined;
  }

  get #now(): number {
    return this.#clock.now().monotonicMs;
  }

  get #sinceStart(): number {
    return this.#now - this.#startMs;
  }

  #after(ms: number, act: () => void): () => void {
    return this.#clock.timer(ms, () => {
      const { cutAtMs = Number.POSITIVE_INFINITY } = this.#habits;
      if (this.#sinceStart < cutAtMs) act();
    });
  }

  #closeAfter(ms: number, how: WireEnd | '408'): void {
    this.#cancelIdle = this.#after(ms, () => this.#close(how));
  }

  #close(how: WireEnd | '408'): void {
    // A FIN that what lies between has no connection for does not come through.
    const { forgetsAfterMs = Number.POSITIVE_INFINITY } = this.#habits;
    if (this.#now - this.#lastMs > forgetsAfterMs) return;
    if (how === '408')
      this.#listener?.data(Buffer.from(response(['Connection: close'], '408 Request Timeout')), this.#clock.now());
    this.#listener?.end(how === '408' ? 'fin' : how, this.#clock.now());
  }
}

/** What came of a run. */
export interface Ran {
  readonly events: readonly ProbeEvent[];
  readonly observations: readonly Observation[];
  readonly tookMs: number;
}

/** Something to be done at a moment of the run. */
export interface Moment {
  readonly atMs: number;
  readonly act: (clock: VirtualClock) => void;
}

/**
 * Probes virtual servers.
 *
 * @param habits - Of the connection with this number, counted from 0 for each host, to an address of a host.
 */
export async function run(
  urls: readonly string[],
  habits: (connection: number, address: string, host: string) => Habits,
  options: ProbeOptions & { readonly addresses?: readonly string[]; readonly lookup?: World['lookup'] } = {},
  moments: readonly Moment[] = [],
): Promise<Ran> {
  const clock = new VirtualClock();
  const startMs = clock.now().monotonicMs;
  const counts = new Map<string, number>();
  const dial: Dial = (route, listener) => {
    const { host, address = host } = route;
    const count = counts.get(address) ?? 0;
    counts.set(address, count + 1);
    return new VirtualConnection(clock, habits(count, address, host), startMs, listener);
  };
  const world = {
    clock: clock as Clock,
    dial,
    lookup: options.lookup ?? (async () => options.addresses ?? ['192.0.2.1']),
  };
  const events: ProbeEvent[] = [];
  const state = { ended: false };
  const reading = (async () => {
    for await (const event of probe(urls, { ...options, world })) events.push(event);
    state.ended = true;
  })();
  const waiting = [...moments];
  // Virtual time has no end of its own.
  for (let turn = 0; !state.ended && turn < 100_000; turn++) {
    const now = clock.now().monotonicMs - startMs;
    if (waiting[0] && waiting[0].atMs <= now) waiting.shift()?.act(clock);
    await clock.advance(5);
  }
  await reading;
  const observations = events.flatMap((event) => (event.type === 'measured' ? [event.observation] : []));
  return { events, observations, tookMs: clock.now().monotonicMs - startMs };
}
