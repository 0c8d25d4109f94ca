import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import { channels, type HangUpEvent } from '../../src/events/channels.js';
import type { Counts } from '../../src/line/counts.js';
import type { HoldlineOptions, Mode } from '../../src/line/options.js';
import { MemoryNetwork, settled, VirtualAgent, VirtualMachine } from '../../src/testing/index.js';
import type { Verdicts } from './agreement.js';
import { type Fault, TrafficServer, type TrafficServerHabits } from './traffic-server.js';

/** A B, how far away it is, and what the client was told of it. */
export interface Profile extends TrafficServerHabits {
  readonly oneWayMs: number;
  readonly options?: HoldlineOptions;
}

/** What became of the requests. */
export interface Outcome {
  readonly verdicts: Verdicts;
  readonly counts: Counts;
  /** Requests that failed though B was there. */
  readonly failed: number;
}

interface Sent {
  readonly id: string;
  readonly method: string;
  readonly keyed: boolean;
  readonly fault: Fault | undefined;
}

const HOST = 'b';
/** Between the requests of a round and one that comes after them. */
const AFTER_MS = 3;
const KINDS = [
  { method: 'GET', keyed: false },
  { method: 'POST', keyed: true },
  { method: 'POST', keyed: false },
] as const;
const FAULTS = ['dies', 'resets'] as const;

/** Whose request an event tells of. One for all runs: Node keeps each that was ever used. */
const context = new AsyncLocalStorage<string>();

/**
 * Sends seeded traffic to a B in virtual time, in rounds: connections are primed and then idle, mostly until about the
 * time when B closes them; requests come; B closes, dies over them, or restarts. The same seed gives the same faults.
 */
export async function simulate(profile: Profile, mode: Mode, seed: number, rounds: number): Promise<Outcome> {
  const traffic = new Traffic(profile, mode, seed);
  const verdicts = new Map<string, string>();
  const note = (event: unknown): void => {
    const { verdict, reason } = event as HangUpEvent;
    const id = context.getStore();
    if (id === undefined) throw new Error('a hang-up was told outside of its request');
    if (!verdicts.has(id)) verdicts.set(id, `${verdict} ${reason}`); // of two, the second is about the replay
  };
  subscribe(channels.hangUp, note);
  try {
    for (let round = 0; round < rounds; round++) await traffic.round(round);
  } finally {
    unsubscribe(channels.hangUp, note);
  }
  return { verdicts, counts: traffic.agent.counts(), failed: traffic.failed };
}

class Traffic {
  readonly agent: VirtualAgent;
  failed = 0;
  readonly #machine = new VirtualMachine();
  readonly #network = new MemoryNetwork(this.#machine);
  readonly #server: TrafficServer;
  readonly #random: () => number;
  #open = 0;
  #stalled = false;

  constructor(
    private readonly profile: Profile,
    mode: Mode,
    seed: number,
  ) {
    this.#random = randomOf(seed);
    this.#server = new TrafficServer(this.#network, this.#machine.clock, profile);
    const origins = { [`http://${HOST}`]: { idempotencyKeys: true, ...profile.options?.origins?.[`http://${HOST}`] } };
    this.agent = new VirtualAgent(this.#network, { ...profile.options, mode, origins });
  }

  /** All that is drawn is drawn before anything is sent, so that it is the same whatever the mode does. */
  async round(round: number): Promise<void> {
    const connections = this.#between(1, 3);
    const requests = Array.from({ length: this.#between(1, connections) }, (_, at) => this.#draw(`${round}-${at}`));
    const followers = this.#random() < 0.3 ? [{ ...this.#draw(`${round}-after`), fault: undefined }] : [];
    const { limitMs, oneWayMs } = this.profile;
    const isNear = this.#random() < 0.7;
    const gapMs = isNear
      ? this.#between(limitMs - 2 * oneWayMs - 2, limitMs + 2)
      : this.#between(1, Math.round(limitMs * 0.9));
    const stallMs = this.#random() < 0.2 ? this.#between(5, 30) : 0;
    const restartsIn = this.#random() < 0.03 ? gapMs + this.#between(-2 * oneWayMs - 1, oneWayMs) : undefined;

    const primeFault = this.#random() < 0.01 ? 'dies' : undefined;

    for (let at = 0; at < connections; at++)
      this.#send({ id: `prime-${round}-${at}`, method: 'GET', keyed: false, fault: primeFault });
    await this.#answered();
    const { clock } = this.#machine;
    if (restartsIn !== undefined) clock.timer(Math.max(0, restartsIn), () => this.#server.restart());
    if (stallMs > 0) {
      clock.timer(Math.max(0, gapMs - 1), () => {
        this.#stalled = true;
      });
    }
    // between two of B's moments, for what comes at the same one as a request has no order
    clock.timer(Math.max(0, gapMs) + stallMs + 0.5, () => {
      this.#stalled = false;
      for (const request of requests) this.#send(request);
    });
    this.#open += requests.length;
    await this.#answered();
    if (followers.length > 0) {
      this.#open += followers.length;
      clock.timer(AFTER_MS, () => {
        for (const request of followers) this.#send(request);
      });
      await this.#answered();
    }
    // B closes what is left, so that the next round finds what it would find in another mode
    await this.#pass(limitMs + 100);
  }

  #draw(id: string): Sent {
    const kind = KINDS[this.#between(0, KINDS.length - 1)] ?? KINDS[0];
    const fault = this.#random() < 0.08 ? FAULTS[this.#between(0, 1)] : undefined;
    return { id, ...kind, fault };
  }

  #send({ id, method, keyed, fault }: Sent): void {
    const isPrime = id.startsWith('prime');
    if (isPrime) this.#open++;
    if (fault) this.#server.faults.set(id, fault);
    const headers = { ...(method === 'POST' && { 'content-length': 4 }), ...(keyed && { 'idempotency-key': id }) };
    context.run(id, () => {
      const request = http.request({ host: HOST, path: `/${id}`, method, headers, agent: this.agent }, (response) => {
        response.resume().on('end', () => setImmediate(() => this.#open--));
      });
      request.on('error', ({ code }: NodeJS.ErrnoException) => {
        this.#open--;
        if (code !== 'ECONNREFUSED') this.failed++;
      });
      request.end(method === 'POST' ? 'body' : undefined);
    });
  }

  /** Lets time pass until every request has its answer or its error. */
  async #answered(): Promise<void> {
    const { clock } = this.#machine;
    const limit = clock.now().monotonicMs + 60_000;
    while (this.#open > 0) {
      await this.#step();
      if (clock.now().monotonicMs > limit) throw new Error(`${this.#open} requests never came to an end`);
    }
  }

  async #pass(ms: number): Promise<void> {
    const { clock } = this.#machine;
    const untilMs = clock.now().monotonicMs + ms;
    clock.timer(ms, () => {}); // so that there is a next moment
    while (clock.now().monotonicMs < untilMs) await this.#step();
  }

  async #step(): Promise<void> {
    const { clock } = this.#machine;
    await settled();
    this.#server.pass();
    if (this.#machine.hasWork && !this.#stalled) await this.#machine.turn();
    else await clock.advance(clock.nextTimerMs ?? 0);
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
