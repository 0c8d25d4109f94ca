import { silentBracket } from './bracket.js';
import type { Clock, Instant } from './clock.js';
import { type Ground, ProbeConnection } from './connection.js';
import { countRequests } from './counting.js';
import type { ProbeEvent } from './events.js';
import { type FirstAnswer, greetingOf, headFaultOf, refuses } from './greeting.js';
import { type Http2Watch, watchHttp2 } from './http2.js';
import type { LoopWatch } from './loop-watch.js';
import type { AddressObservation, Greeting, RequestCount, Sample } from './observation.js';
import type { Settings, World } from './options.js';
import { closerPlan, firstPlan, type Plan } from './plan.js';
import type { ResponseHead } from './response.js';
import { Round } from './round.js';
import type { Target } from './target.js';
import type { Route } from './wire.js';

/** What {@link Survey} needs to know. */
export interface SurveyFacts {
  readonly target: Target;
  /** Undefined where the proxy resolves the name, and for a Unix socket. */
  readonly address: string | undefined;
  readonly settings: Settings;
  readonly world: World;
  readonly watch: LoopWatch;
  readonly beganAt: Instant;
  readonly tell: (event: ProbeEvent) => void;
}

const FIRST_ANSWER_MS = 10_000;
const ANSWER_MS = { least: 2_000, most: 10_000, perFirst: 10 };
/** A bracket that is narrower than this needs no closer look, in ms. */
const NARROW_MS = 10;
/** How often a measurement that the machine slept through is begun anew. */
const MOST_RESTARTS = 3;

/** Measures one address of one URL. */
export class Survey {
  readonly #facts: SurveyFacts;
  readonly #samples: Sample[] = [];
  readonly #stops = new Set<() => void>();
  #method: string;
  #greeting: Greeting | undefined;
  #requests: RequestCount | undefined;
  #http2: Http2Watch | undefined;
  #round: Round | undefined;
  #roundIsVoid = false;
  #restarts = 0;
  #rounds = 0;
  #lastId = 0;
  #sent = 0;
  #stopped = false;

  constructor(facts: SurveyFacts) {
    this.#facts = facts;
    this.#method = facts.settings.method ?? 'HEAD';
  }

  /** How the address is told. */
  get name(): string {
    const { address, target } = this.#facts;
    return address ?? target.socketPath ?? target.host;
  }

  async run(): Promise<AddressObservation> {
    const greeted = await this.#greet();
    if (!greeted && this.#refusesHttp1()) return this.#observed(await this.#http2Alone());
    if (!greeted || this.#stopped || !this.#greeting?.keepsOpen) return this.#observed();
    const counting = this.#count();
    await this.#measure(greeted.answerMs ?? 0);
    this.#http2?.stop();
    await counting;
    return this.#observed(await this.#http2?.done);
  }

  /** Ends it now; {@link run} then resolves with what is known. */
  stop(): void {
    this.#stopped = true;
    this.#round?.stop();
    this.#http2?.stop();
    for (const stop of this.#stops) stop();
  }

  /** The machine slept: what the connections of this round show is worth nothing. */
  restart(): void {
    if (!this.#round || this.#stopped || this.#restarts >= MOST_RESTARTS) return;
    this.#restarts++;
    this.#roundIsVoid = true;
    this.#http2?.stop();
    this.#http2 = undefined;
    this.#round.stop();
  }

  get #clock(): Clock {
    return this.#facts.world.clock;
  }

  #route(): Route {
    const { target, address, settings } = this.#facts;
    const { host, port, socketPath, proxy, secure, serverName } = target;
    return {
      host,
      port,
      ...(address !== undefined && { address }),
      ...(socketPath !== undefined && { socketPath }),
      ...(proxy && { proxy }),
      ...(secure && {
        tls: {
          serverName,
          insecure: settings.insecure,
          alpn: ['http/1.1'],
          ...(settings.ca !== undefined && { ca: settings.ca }),
        },
      }),
    };
  }

  #ground(): Ground {
    const { world, watch, beganAt, target, settings } = this.#facts;
    const own = { host: target.authority, 'user-agent': 'holdline-probe', accept: '*/*', connection: 'keep-alive' };
    const given = Object.fromEntries(
      Object.entries(settings.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const lines = Object.entries({ ...own, ...given }).map(([name, value]) => `${name}: ${value}\r\n`);
    const method = this.#method;
    const text = `${method} ${settings.path ?? target.path} HTTP/1.1\r\n${lines.join('')}\r\n`;
    return {
      clock: world.clock,
      dial: world.dial,
      route: this.#route(),
      watch,
      beganAt,
      firstAnswerMs: settings.answerTimeoutMs ?? FIRST_ANSWER_MS,
      request: () => {
        this.#sent++;
        return { text, method };
      },
    };
  }

  #watchHttp2(): Http2Watch | undefined {
    const { target, settings } = this.#facts;
    if (!settings.http2) return undefined;
    const path = settings.path ?? target.path;
    const request = { method: this.#method, path, authority: target.authority, headers: settings.headers };
    return watchHttp2(this.#route(), request, this.#clock);
  }

  /** Such a server ends the handshake, for HTTP/1.1 is all that was offered. */
  #refusesHttp1(): boolean {
    const { failure } = this.#observed();
    return this.#facts.target.secure && !this.#stopped && failure?.code === 'tls-failed';
  }

  async #http2Alone(): Promise<AddressObservation['http2']> {
    this.#http2 = this.#watchHttp2();
    const cancel = this.#clock.timer(this.#facts.settings.maxWaitMs, () => this.#http2?.stop());
    const seen = await this.#http2?.done;
    cancel();
    return seen;
  }

  /** The first response tells what the server is like; where HEAD will not do, GET is sent. */
  async #greet(): Promise<Sample | undefined> {
    const mayChange = this.#method === 'HEAD' && this.#facts.settings.method === undefined;
    let answer = await this.#ask(mayChange);
    const fault = mayChange && !this.#stopped ? headFaultOf(answer) : undefined;
    const headStatus = answer.head?.status;
    if (fault) {
      this.#method = 'GET';
      answer = await this.#ask();
    }
    const { head, sample, tlsVersion } = answer;
    if (!head) {
      this.#samples.push(sample);
      if (sample.ending.kind === 'failed') this.#tell({ type: 'failed', failure: sample.ending.failure });
      return undefined;
    }
    this.#greeting = greetingOf(head, this.#method, {
      ...(fault && head.keepsOpen && { headFault: fault, ...(headStatus !== undefined && { headStatus }) }),
      ...(tlsVersion !== undefined && { tlsVersion }),
    });
    this.#tell({ type: 'greeted', greeting: this.#greeting, rttMs: sample.connectMs ?? 0 });
    return sample;
  }

  /** @param twice - What follows a response in the stream shows only when one more response was read. */
  #ask(twice = false): Promise<FirstAnswer> {
    return new Promise((resolve) => {
      let tlsVersion: string | undefined;
      let heard: ResponseHead | undefined;
      const ground = this.#ground();
      const connection = new ProbeConnection(++this.#lastId, 'greeting', ground, {
        opened: (facts) => {
          tlsVersion = facts.tlsVersion;
        },
        idle: (head) => {
          heard = head;
          if (twice && !refuses(head)) connection.reuse(ground.firstAnswerMs);
          else connection.stop();
        },
        settled: (sample) => {
          this.#stops.delete(stop);
          resolve({ sample, ...(heard && { head: heard }), ...(tlsVersion !== undefined && { tlsVersion }) });
        },
      });
      const stop = () => connection.stop();
      this.#stops.add(stop);
    });
  }

  async #measure(firstAnswerMs: number): Promise<void> {
    const { connections, maxWaitMs, requestLimit, refine } = this.#facts.settings;
    const first = () => firstPlan(connections, maxWaitMs, requestLimit - this.#sent);
    let plan: Plan | undefined = first();
    while (plan && !this.#stopped) {
      this.#http2 ??= this.#watchHttp2();
      const samples = await this.#hold(plan, firstAnswerMs);
      if (this.#roundIsVoid) {
        this.#roundIsVoid = false;
        if (this.#rounds === 0) plan = first();
        continue;
      }
      this.#rounds++;
      this.#samples.push(...samples);
      const affordable = Math.min(connections, Math.floor((requestLimit - this.#sent) / 2));
      plan = this.#rounds <= refine && affordable >= 2 ? this.#closer(affordable) : undefined;
    }
  }

  #closer(connections: number): Plan | undefined {
    const bracket = silentBracket(this.#samples, 0);
    if (!bracket || bracket.unansweredMs - bracket.answeredMs <= NARROW_MS) return undefined;
    const { answeredMs, unansweredMs } = bracket;
    this.#tell({ type: 'refining', fromMs: answeredMs, toMs: unansweredMs });
    return closerPlan(connections, answeredMs, unansweredMs);
  }

  async #hold(plan: Plan, firstAnswerMs: number): Promise<readonly Sample[]> {
    const { answerTimeoutMs, maxWaitMs } = this.#facts.settings;
    const { least, most, perFirst } = ANSWER_MS;
    const tellHeld = ({ id }: ProbeConnection) => this.#tell({ type: 'held', id });
    const round = new Round(this.#ground(), {
      plan,
      maxWaitMs,
      answerWithinMs: answerTimeoutMs ?? Math.min(most, Math.max(least, perFirst * firstAnswerMs)),
      deadEnough: 2,
      nextId: () => ++this.#lastId,
      opened: (connection) => connection.role === 'unused' && tellHeld(connection),
      idle: tellHeld,
      settled: (sample) => this.#roundIsVoid || this.#tell({ type: 'settled', sample }),
    });
    this.#round = round;
    const samples = await round.done;
    this.#round = undefined;
    return samples;
  }

  async #count(): Promise<void> {
    const { settings } = this.#facts;
    if (settings.countRequests === 0) return;
    const counting = countRequests(++this.#lastId, this.#ground(), settings.countRequests);
    this.#stops.add(counting.stop);
    const count = await counting.done;
    this.#stops.delete(counting.stop);
    if (count) this.#requests = count;
  }

  #observed(http2?: AddressObservation['http2']): AddressObservation {
    const failures = this.#samples.flatMap(({ ending }) => (ending.kind === 'failed' ? [ending.failure] : []));
    const failure = failures.length === this.#samples.length ? failures[0] : undefined;
    return {
      address: this.name,
      samples: this.#samples,
      rounds: this.#rounds,
      ...(this.#greeting && { greeting: this.#greeting }),
      ...(failure && { failure }),
      ...(this.#requests && { requests: this.#requests }),
      ...(http2 && { http2 }),
    };
  }

  #tell(event: AddressEvent): void {
    this.#facts.tell({ ...event, url: this.#facts.target.url, address: this.name } as ProbeEvent);
  }
}

/** An event without what every event of an address has. */
type AddressEvent = ProbeEvent extends infer E
  ? E extends { address?: string }
    ? Omit<E, 'url' | 'address'>
    : never
  : never;
