import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import https from 'node:https';
import { onTestFinished } from 'vitest';
import { Agent, channels, type HangUpEvent, HttpsAgent } from '../../../src/index.js';
import { LOOK_AFTER_IF_REPLAYABLE_MS } from '../../../src/policy/checkout.js';
import { until } from '../../loopback.js';
import { stall } from '../../sockets/support.js';
import { type B, ca } from './b.js';

/** `keyed`: a POST with an idempotency key that B honours. `post`: one without. */
export type Kind = 'get' | 'keyed' | 'post';
/** What B does with a request: see `b-worker.mjs`. */
export type Way = 'good' | 'kept' | 'slow' | 'unread' | 'executed';
export type Scheme = 'http' | 'https';

/** A request as a client is to send it. */
export interface Wanted {
  readonly kind: Kind;
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What a client is made for. */
export interface Ground {
  /** Scheme, host and port of B. */
  readonly origin: string;
  /** Holdline's for `origin`, or Node's own. */
  readonly agent: https.Agent;
}

/** A client under test. */
export interface Client {
  /** Sends a request and reads its answer; rejects with what the client gives. */
  send(wanted: Wanted): Promise<unknown>;
  /** Retries that the client itself has made so far, if it makes any. */
  retries?(): number;
  close?(): unknown;
}

export type MakeClient = (ground: Ground) => Client | Promise<Client>;

/** What is between A and B, and has connections of its own with A. */
export interface Hop {
  open(): number;
}

/** What became of a request. */
export interface Outcome {
  readonly id: string;
  readonly kind: Kind;
  readonly error: Error | undefined;
  /** Holdline's reason, where a hang-up surfaced. */
  reason: string | undefined;
  /** The user gave it up. */
  readonly abandoned?: boolean | undefined;
}

const SILENT_AFTER_MS = 8_000;
const CLOSES_WITHIN_MS = 5_000;
/** A connection that was in use a few ms ago is not looked at. */
const STALL_AT_LEAST_MS = LOOK_AFTER_IF_REPLAYABLE_MS + 20;

const current = new AsyncLocalStorage<{ reason: string | undefined }>();
let runs = 0;

/** One client on one agent, and all that it sent. */
export class Run {
  readonly outcomes: Outcome[] = [];
  readonly client: Client;
  private sent = 0;
  private readonly prefix = `${process.pid}-${runs++}`;

  private constructor(
    readonly b: B,
    private readonly ground: Ground,
    client: Client,
    private readonly hop: Hop | undefined,
  ) {
    this.client = client;
  }

  static async start(b: B, scheme: Scheme, agent: https.Agent, makeClient: MakeClient, hop?: Hop) {
    const ground = { origin: b[scheme], agent };
    const run = new Run(b, ground, await makeClient(ground), hop);
    const surfaced = (event: unknown) => {
      const store = current.getStore();
      if (store && (event as HangUpEvent).verdict === 'surface') store.reason = (event as HangUpEvent).reason;
    };
    subscribe(channels.hangUp, surfaced);
    onTestFinished(async () => {
      unsubscribe(channels.hangUp, surfaced);
      await run.client.close?.();
      agent.destroy();
    });
    return run;
  }

  /** Sends a request, and notes what becomes of it; never rejects. */
  async send(kind: Kind, way: Way = 'good'): Promise<Outcome> {
    const id = `${way}~${this.prefix}-${kind}-${this.sent++}`;
    const mark = { reason: undefined };
    const error = await current.run(mark, () => failureOf(this.client.send(this.wanted(kind, id))));
    const outcome = { id, kind, error, reason: mark.reason };
    this.outcomes.push(outcome);
    return outcome;
  }

  /** Sends a request whose connection the next one will get. */
  async prime(kind: Kind): Promise<void> {
    await this.send(kind, 'kept');
    // an agent takes a connection back some turns after the answer's end
    await until(() => Object.keys(this.ground.agent.sockets).length === 0);
  }

  /**
   * Sends a request that is written when B has closed the connection and A's event loop has not yet heard of it: the
   * loop stands still from the moment that the client asks its agent for a connection.
   */
  async sendAfterStall(first: Kind, kind: Kind): Promise<Outcome> {
    await this.prime(first);
    const agent = this.ground.agent as unknown as { addRequest?: (...args: unknown[]) => void };
    const { addRequest } = agent;
    if (!addRequest) throw new Error('Node has renamed Agent.addRequest');
    agent.addRequest = (...args) => {
      delete agent.addRequest;
      this.stallWhileItCloses();
      addRequest.apply(agent, args);
    };
    return this.send(kind, 'kept');
  }

  private stallWhileItCloses(): void {
    this.b.closeIdle();
    stall(STALL_AT_LEAST_MS);
    const ends = performance.now() + CLOSES_WITHIN_MS;
    while (this.b.open() > 0 || (this.hop?.open() ?? 0) > 0) {
      if (performance.now() > ends) throw new Error(`B has not closed within ${CLOSES_WITHIN_MS} ms`);
      stall(2);
    }
  }

  private wanted(kind: Kind, id: string): Wanted {
    return {
      kind,
      id,
      method: kind === 'get' ? 'GET' : 'POST',
      url: `${this.ground.origin}/things/${id}`,
      headers: { 'x-id': id, ...(kind === 'keyed' && { 'Idempotency-Key': id }) },
      body: kind === 'get' ? undefined : JSON.stringify({ amount: 5 }),
    };
  }
}

/** An agent of Holdline's that believes in a limit far above B's, so that what it does in time cures nothing. */
export function holdline(b: B, scheme: Scheme): (Agent | HttpsAgent) & https.Agent {
  const options = {
    ca,
    unknownIdleLimitMs: 600_000,
    maxIdleMs: 600_000,
    marginMs: 0,
    origins: { [b[scheme]]: { idempotencyKeys: true } },
  };
  return (scheme === 'http' ? new Agent(options) : new HttpsAgent(options)) as HttpsAgent;
}

/** What people have without it. */
export function plain(scheme: Scheme): https.Agent {
  const options = { keepAlive: true, ca };
  return (scheme === 'http' ? new http.Agent(options) : new https.Agent(options)) as https.Agent;
}

/** The error that a request ends with, if it does; one of its own if it never ends. */
async function failureOf(sent: Promise<unknown>): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Error>((resolve) => {
    timer = setTimeout(resolve, SILENT_AFTER_MS, new Error(`neither answer nor error in ${SILENT_AFTER_MS} ms`));
  });
  const ended = sent.then(
    () => undefined,
    (error: Error) => error,
  );
  const error = await Promise.race([ended, silence]);
  clearTimeout(timer);
  return error;
}
