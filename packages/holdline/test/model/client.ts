import { AsyncLocalStorage } from 'node:async_hooks';
import type { Line } from '../../src/line/line.js';
import { answerTo } from '../../src/testing/index.js';
import { keepAliveOf, TIMED_OUT } from './hop.js';
import type { ClientEvent, Plan, RequestPlan } from './plan.js';

/** Whose request the code that runs belongs to. Only one for all walks: Node keeps each that was ever used. */
const context = new AsyncLocalStorage<string>();

/** The ids of requests that come before what is walked begin so. */
export const PRIMED = 'primed';

/** What became of a request in its caller's eyes. */
type Outcome = 'open' | 'answered' | 'errored' | 'aborted';

/** One request of the {@link ModelClient}. */
export class ModelRequest {
  outcome: Outcome = 'open';
  error: Error | undefined;
  timedOut = false;
  /** The client ended its side after it had written. */
  ended = false;
  answerBegan = false;
  /** What the client has written of it. */
  text = '';
  /** Calls of write callbacks that are still to come. */
  writesPending = 0;

  constructor(
    readonly id: string,
    private readonly plan: RequestPlan,
  ) {}

  get method(): 'GET' | 'POST' {
    return this.plan.method;
  }

  get keyed(): boolean {
    return this.plan.keyed ?? false;
  }

  /** What the client will write. */
  get pieces(): readonly string[] {
    const { head, body } = this;
    return this.plan.writes === 2 ? [head, body].filter((piece) => piece !== '') : [head + body];
  }

  get head(): string {
    const key = this.keyed ? 'Idempotency-Key: k\r\n' : '';
    const length = this.method === 'POST' ? 'Content-Length: 4\r\n' : '';
    return `${this.method} /${this.id} HTTP/1.1\r\nHost: b\r\n${key}${length}\r\n`;
  }

  get body(): string {
    return this.method === 'POST' ? 'body' : '';
  }
}

/** What a client can be asked to do when it is told of a timeout. */
export type OnTimeout = 'destroys' | 'ignores';

/** An HTTP client as Node's is, as far as a Line can tell: it pools the Line, and one request at a time holds it. */
export class ModelClient {
  readonly requests: ModelRequest[] = [];
  /** What went wrong on the client's side of the Line. */
  readonly complaints: string[] = [];
  closes = 0;
  /** The pool would still hand the Line out. */
  pooled = true;
  #text = '';
  /** It wrote a request ahead, so that a Line steps aside. */
  #crowded = false;

  constructor(
    readonly line: Line,
    private readonly plan: Plan,
  ) {
    line.on('data', (chunk: Buffer) => {
      this.#hears('data');
      this.#data(chunk);
    });
    line.on('end', () => {
      this.#hears('end');
      this.#fail(new Error('the end came without an answer'));
      line.end();
    });
    line.on('error', (error: Error) => {
      this.#hears('error');
      this.#fail(error);
    });
    line.on('close', () => {
      this.#hears('close');
      this.closes++;
      this.#fail(new Error('the Line closed without an answer'));
    });
    line.on('agentRemove', () => {
      this.pooled = false;
    });
    line.on('timeout', () => {
      for (const request of this.open) request.timedOut ||= request.text !== '';
      this.#hears('timeout');
      if (plan.onTimeout !== 'ignores') this.abort();
    });
  }

  /** Requests that were begun and have no outcome yet. */
  get open(): readonly ModelRequest[] {
    return this.requests.filter(({ outcome }) => outcome === 'open');
  }

  begin(request: ModelRequest): void {
    this.#crowded ||= this.open.length > 0;
    this.requests.push(request);
    if (this.#text === TIMED_OUT) this.#fail(new Error('408'));
  }

  /** The pool gives the Line to a request that writes later. */
  take(request: ModelRequest): void {
    this.begin(request);
    context.run(request.id, () => this.line.taken());
  }

  /** Writes a piece of a request, in that request's async context. */
  write(request: ModelRequest, piece: string): void {
    request.text += piece;
    request.writesPending++;
    context.run(request.id, () => {
      this.line.write(piece, () => {
        request.writesPending--;
        if (this.plan.abortsOn === 'written') this.#abortWalked();
        if (request.writesPending < 0) this.complaints.push(`a write of ${request.id} was confirmed twice`);
      });
    });
  }

  /** The caller no longer wants what is open. */
  abort(): void {
    for (const request of this.open) request.outcome = 'aborted';
    this.line.destroy();
  }

  /** The caller ends its side: what was written may go, and no more. */
  halfClose(): void {
    this.pooled = false;
    for (const request of this.open) request.ended = request.text !== '';
    this.line.end();
  }

  /** The Line does not stand in between, so what nobody asked for gets through. */
  get #isBare(): boolean {
    return this.#crowded || this.plan.options?.mode === 'observe';
  }

  #abortWalked(): void {
    if (this.open.some(({ id }) => !id.startsWith(PRIMED))) this.abort();
  }

  #data(chunk: Buffer): void {
    if (this.line.destroyed) return; // by the caller, just now
    this.#text += chunk.toString('latin1');
    for (;;) {
      const [request] = this.open;
      if (!request) {
        // a Line is made for a request, so to the first one what comes before it is written is its answer
        if (this.#text !== '' && !this.#isBare && this.requests.length > 0)
          this.complaints.push(`got ${JSON.stringify(this.#text)} for no request`);
        return;
      }
      if (this.#text === TIMED_OUT) return this.#fail(new Error('408'));
      request.answerBegan ||= this.#text !== '';
      const answer = answerTo(request.id, keepAliveOf(this.plan));
      if (!this.#text.startsWith(answer)) {
        if (!answer.startsWith(this.#text) && !TIMED_OUT.startsWith(this.#text))
          this.complaints.push(`got ${JSON.stringify(this.#text)} for ${request.id}`);
        return;
      }
      this.#text = this.#text.slice(answer.length);
      request.outcome = 'answered';
      if (this.open.length > 0 || this.line.released()) continue;
      this.pooled = false;
      this.line.destroy();
    }
  }

  #fail(error: Error): void {
    this.pooled = false;
    for (const request of this.open) {
      request.outcome = 'errored';
      request.error = error;
    }
  }

  /** All that a Line tells of a request, it tells in that request's async context. */
  #hears(event: ClientEvent): void {
    if (this.plan.abortsOn === event) this.#abortWalked();
    const [request] = this.open;
    const where = context.getStore();
    if (!request?.text || this.#crowded || where === request.id) return;
    this.complaints.push(`'${event}' of ${request.id} came in the context of ${where}`);
  }
}
