import type { Clock, Instant } from './clock.js';
import type { Failure } from './failure.js';
import type { LoopWatch } from './loop-watch.js';
import type { CloseWay, Ending, Role, Sample } from './observation.js';
import { BodyTooLargeError, NotHttpError, type ResponseHead, ResponseReader } from './response.js';
import { type Dial, nameOf, type Route, type Wire, type WireEnd, type WireFacts } from './wire.js';

/** What all connections of a survey share. */
export interface Ground {
  readonly clock: Clock;
  readonly dial: Dial;
  readonly route: Route;
  readonly watch: LoopWatch;
  readonly beganAt: Instant;
  /** Writes a request; each one counts towards the limit of requests. */
  readonly request: () => { readonly text: string; readonly method: string };
  /** How long the first answer on a connection may take, in ms. */
  readonly firstAnswerMs: number;
}

/** What a connection tells its survey. */
export interface ConnectionListener {
  opened?(facts: WireFacts): void;
  /** It has been answered, and nothing holds it: its idle time begins. */
  idle?(head: ResponseHead): void;
  settled(sample: Sample): void;
}

type State = 'connecting' | 'asking' | 'idle' | 'reusing' | 'settled';

/** After an unasked-for 408 the FIN follows; if it does not, the 408 is enough, in ms. */
const FIN_AFTER_408_MS = 1_000;

/** One connection, from its handshake to how it ended. */
export class ProbeConnection {
  readonly id: number;
  readonly role: Role;
  readonly #ground: Ground;
  readonly #listener: ConnectionListener;
  readonly #wire: Wire;
  #state: State = 'connecting';
  #facts: WireFacts | undefined;
  #reader: ResponseReader | undefined;
  #askedAt: Instant;
  #idleSince: Instant | undefined;
  #answerMs: number | undefined;
  #beginDoubtMs = 0;
  #reusedAfterMs = 0;
  #says408: { readonly at: Instant } | undefined;
  #cancel = () => {};

  constructor(id: number, role: Role, ground: Ground, listener: ConnectionListener) {
    this.id = id;
    this.role = role;
    this.#ground = ground;
    this.#listener = listener;
    this.#askedAt = ground.clock.now();
    this.#wire = ground.dial(ground.route, {
      open: (facts) => this.#opened(facts),
      data: (bytes, at) => this.#took(bytes, at),
      end: (how, at) => this.#ended(how, at),
      fail: (failure) => this.#settle({ kind: 'failed', failure }),
    });
  }

  /** Answered, or unused, and open. */
  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  get isSettled(): boolean {
    return this.#state === 'settled';
  }

  /** How long nothing has been sent on it, in ms; 0 while a request holds it. */
  get idleMs(): number {
    return this.#idleSince ? this.#since(this.#idleSince) : 0;
  }

  /** Sends one more request; what comes of it settles the connection, unless it is one that counts requests. */
  reuse(answerWithinMs: number): void {
    if (this.#state !== 'idle') return;
    this.#reusedAfterMs = this.idleMs;
    this.#ask('reusing', answerWithinMs);
  }

  /** The probe ends here: says how far it came. */
  stop(): void {
    if (this.#state === 'settled') return;
    // A request that has just left may still be answered: that tells nothing.
    this.#settle({ kind: 'open', idleMs: this.#state === 'reusing' ? this.#reusedAfterMs : this.idleMs });
  }

  #opened(facts: WireFacts): void {
    this.#facts = facts;
    this.#listener.opened?.(facts);
    if (this.#state === 'settled') return;
    if (this.role === 'unused') this.#rest(facts.at);
    else this.#ask('asking', this.#ground.firstAnswerMs);
  }

  #ask(state: 'asking' | 'reusing', answerWithinMs: number): void {
    const { text, method } = this.#ground.request();
    this.#state = state;
    this.#reader = new ResponseReader(method);
    this.#askedAt = this.#ground.clock.now();
    this.#cancel();
    this.#cancel = this.#ground.clock.timer(answerWithinMs, () => this.#settle(this.#unanswered()));
    this.#wire.write(text);
  }

  #unanswered(): Ending {
    if (this.#state === 'reusing')
      return { kind: 'unanswered', idleMs: this.#reusedAfterMs, waitedMs: this.#since(this.#askedAt) };
    const waited = Math.round(this.#since(this.#askedAt) / 100) / 10;
    return this.#failed({
      code: 'no-answer',
      message: `${this.#name} took the request and did not answer within ${waited} s.`,
    });
  }

  #rest(at: Instant): void {
    this.#cancel();
    this.#state = 'idle';
    this.#idleSince = at;
    this.#beginDoubtMs = this.#ground.watch.doubtMs();
  }

  #took(bytes: Buffer, at: Instant): void {
    if (this.#state === 'idle') return this.#tookUnasked(bytes, at);
    const reader = this.#reader;
    if (!reader) return;
    if (!reader.begun) this.#answerMs ??= this.#since(this.#askedAt, at);
    try {
      const head = reader.push(bytes);
      if (head && reader.rest.length > 0) this.#settle(this.#failed(this.#misread()));
      else if (head) this.#answered(head, at);
    } catch (error) {
      this.#settle(this.#failed(this.#misread(error)));
    }
  }

  #answered(head: ResponseHead, at: Instant): void {
    const wasReusing = this.#state === 'reusing';
    // What a server says to an idle connection may come a moment after the request has left.
    if (head.status === 408 && wasReusing) return this.#settle(this.#hungUp('408', at));
    if (wasReusing && this.role !== 'counting') return this.#settle({ kind: 'answered', idleMs: this.#reusedAfterMs });
    this.#rest(at);
    this.#listener.idle?.(head);
    if (!head.keepsOpen && this.#state === 'idle') this.#settle({ kind: 'announced' });
  }

  /** Bytes on an idle connection: a 408 is a way to close it; anything else is nothing that a client can use. */
  #tookUnasked(bytes: Buffer, at: Instant): void {
    if (this.#says408) return;
    if (!/^HTTP\/1\.[01] 408/.test(bytes.toString('latin1', 0, 12))) return this.#settle(this.#failed(this.#misread()));
    this.#says408 = { at };
    this.#cancel = this.#ground.clock.timer(FIN_AFTER_408_MS, () => this.#ended('fin', at));
  }

  #ended(how: WireEnd, at: Instant): void {
    if (this.#state === 'connecting' || this.#state === 'asking') {
      const head = this.#reader?.end();
      if (head) return this.#answered(head, at);
      const said = how === 'reset' ? 'reset' : 'closed';
      const when = this.#reader?.begun ? 'in the middle of its response' : 'before it answered';
      return this.#settle(
        this.#failed({ code: 'closed-at-once', message: `${this.#name} ${said} the connection ${when}.` }),
      );
    }
    if (this.#state === 'reusing') {
      // The answer was there; its end is told by the end of the connection.
      if (this.#reader?.begun) this.#settle({ kind: 'answered', idleMs: this.#reusedAfterMs });
      else this.#settle(this.#hungUp(how, at));
      return;
    }
    const by = this.#says408 ? '408' : how;
    if (this.#idleSince)
      this.#settle({ kind: 'closed', by, idleMs: this.#since(this.#idleSince, this.#says408?.at ?? at) });
  }

  #hungUp(by: CloseWay, at: Instant): Ending {
    return { kind: 'hung-up', by, idleMs: this.#reusedAfterMs, afterMs: this.#since(this.#askedAt, at) };
  }

  #failed(failure: Failure): Ending {
    return { kind: 'failed', failure };
  }

  #misread(error?: unknown): Failure {
    if (error instanceof BodyTooLargeError)
      return { code: 'body-too-large', message: `${this.#name} answers with more than 16 MiB: choose another --path.` };
    const what =
      error instanceof NotHttpError
        ? `answered with ${error.message}, which is not HTTP/1.1`
        : 'sent bytes that nobody asked for. If it answers HEAD with a body, use --method GET';
    return { code: 'not-http', message: `${this.#name} ${what}.` };
  }

  get #name(): string {
    return nameOf(this.#ground.route);
  }

  #since(from: Instant, to = this.#ground.clock.now()): number {
    return Math.max(0, to.monotonicMs - from.monotonicMs);
  }

  #settle(ending: Ending): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    this.#cancel();
    this.#wire.destroy();
    const { connectMs, localPort } = this.#facts ?? {};
    this.#listener.settled({
      id: this.id,
      role: this.role,
      ending,
      endedAtMs: this.#since(this.#ground.beganAt),
      doubtMs: Math.max(this.#beginDoubtMs, this.#ground.watch.doubtMs()),
      ...(localPort !== undefined && { localPort }),
      ...(connectMs !== undefined && { connectMs }),
      ...(this.#answerMs !== undefined && { answerMs: this.#answerMs }),
    });
  }
}
