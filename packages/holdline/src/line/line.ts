import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  faultChannel,
  type HangUpSign,
  hangUpChannel,
  type LetGoReason,
  letGoChannel,
  replayChannel,
} from '../events/channels.js';
import { explain } from '../events/hang-up.js';
import { HangUpError } from '../events/hang-up-error.js';
import { type CheckoutFacts, decideCheckout } from '../policy/checkout.js';
import { type Evidence, evidencePossible } from '../policy/evidence.js';
import type { IdleLimit } from '../policy/cutoff.js';
import { elapsedMs, type Instant, idleTimeMs } from '../policy/idle-time.js';
import { requestsLeft } from '../policy/keep-alive-header.js';
import { decideHangUp, type HangUpFacts, harmlessTwice, isIdempotent, type Reason } from '../policy/verdict.js';
import { Connection, type ConnectionListener, type Dial } from './connection.js';
import { Exchange } from './exchange.js';
import { forwardEvents } from './forwarding.js';
import type { Cancel, Look } from './machine.js';
import type { Mode } from './options.js';
import type { Idler, Origin } from './origin.js';
import type { Piece } from './recording.js';
import { RequestFramer } from './request-framer.js';
import { isStale408 } from './response-head.js';
import { SocketFace } from './socket-face.js';
import { weigh } from './weighing.js';

/**
 * What the Line is about:
 *
 * | phase | means | writes |
 * |---|---|---|
 * | `opening` | its first connection is being made | wait |
 * | `open` | its connection may be written to | go |
 * | `waiting` | two turns of the loop, to hear of a FIN | wait |
 * | `lost` | its connection went after a request took the Line and before it wrote | open a new one |
 * | `weighing` | its connection hung up; evidence is looked for | wait |
 * | `reopening` | a new connection is being made | wait |
 */
type Phase = 'opening' | 'open' | 'waiting' | 'lost' | 'weighing' | 'reopening';

/** What the client wrote and no socket was given yet. */
interface Outbox {
  readonly pieces: readonly Piece[];
  readonly done: (error?: Error | null) => void;
}

/** How a Line is made. */
export interface LineOptions {
  readonly allowHalfOpen?: boolean | undefined;
  readonly highWaterMark?: number | undefined;
  /** As in `net.connect`: sets the idle timeout of the socket, in ms. */
  readonly timeout?: number | undefined;
}

const LOOK_FOUND: Readonly<Record<Exclude<Look, 'alive' | 'unknown'>, LetGoReason>> = {
  closed: 'closed',
  reset: 'reset',
  bytes: 'unsolicited-bytes',
};

/**
 * The socket that an HTTP client holds, and that holds the real one. It lets go of an idle connection in time, looks
 * before it writes, and sends a request again where the policy says that this can do no harm.
 */
export class Line extends SocketFace implements Idler {
  readonly #framer = new RequestFramer();
  #phase: Phase = 'opening';
  /** Steps out of the way: bytes only pass. */
  #opaque = false;
  #idle = true;
  #connection: Connection;
  #exchange: Exchange | undefined;
  #outbox: Outbox | undefined;
  /** The callback of the write that the real socket has not confirmed. */
  #writing: Outbox['done'] | undefined;
  #ending: (() => void) | undefined;
  #wantsData = true;
  #endWait: Cancel = noop;
  #closeTold = false;
  readonly #listener: ConnectionListener = {
    made: (connection, socket) => this.#made(connection, socket),
    opened: (connection) => this.#opened(connection),
    received: (connection, chunk) => this.#received(connection, chunk),
    ended: (connection) => this.#ended(connection),
    failed: (connection, error) => this.#failed(connection, error),
    closed: (connection) => this.#closed(connection),
  };

  constructor(
    private readonly origin: Origin,
    private readonly dial: Dial,
    options: LineOptions = {},
  ) {
    const { allowHalfOpen = false, highWaterMark } = options;
    super({ allowHalfOpen, ...(highWaterMark !== undefined && { highWaterMark }) }, origin.machine);
    origin.add(this);
    this.#connection = this.#newConnection();
    this.#connection.open(dial);
    if (options.timeout) this.setTimeout(options.timeout);
  }

  /** @internal The TCP, TLS or user's socket of the moment. */
  get socket(): Duplex | undefined {
    return this.#connection.socket ?? this.#connection.tcp;
  }

  protected get real(): Partial<Socket> | undefined {
    return this.socket as Partial<Socket> | undefined;
  }

  get hintMs(): number | undefined {
    return this.#connection.hint.timeoutMs;
  }

  idleMs(now: Instant): number | undefined {
    return this.#idle && !this.#opaque && this.#phase === 'open' ? this.#idleTime(now) : undefined;
  }

  /**
   * The client has put the Line aside, with the response read to its end.
   *
   * @returns Whether it may be used again.
   */
  released(): boolean {
    const exchange = this.#exchange;
    if (this.#opaque || this.destroyed) return !this.destroyed;
    if (!this.#framer.atBoundary || this.#phase !== 'open' || (exchange && !exchange.responseStarted)) return false;
    this.#exchange = undefined;
    this.#idle = true;
    if (this.#mode === 'off' || this.#mode === 'observe') return true;
    const cutoffMs = this.origin.cutoffMs(this.#limit);
    this.origin.sweepLater(cutoffMs);
    return cutoffMs > 0 && this.#requestsLeft > 0;
  }

  /** The client has taken the Line for a request that it may write much later. */
  taken(): void {
    this.#idle = false;
  }

  /** Lets go of an idle Line, so that the client's pool drops it in this very moment. */
  letGo(reason: LetGoReason): void {
    this.#tellLetGo(reason, this.#idleTime(this.machine.now()));
    if (reason === 'idle-end') this.push(null);
    this.destroy();
    this.emit('agentRemove');
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const scope = this.#exchange?.scope;
    return scope ? scope.runInAsyncScope(super.emit, this, event, ...args) : super.emit(event, ...args);
  }

  // --- what the client writes -------------------------------------------------------------------------------------

  override _write(data: Buffer | string, encoding: BufferEncoding, done: Outbox['done']): void {
    this.#accept([pieceOf(data, encoding)], done);
  }

  override _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], done: Outbox['done']): void {
    this.#accept(
      chunks.map(({ chunk, encoding }) => pieceOf(chunk, encoding)),
      done,
    );
  }

  override _final(done: () => void): void {
    this.#ending = done;
    this.#flush();
  }

  #accept(pieces: readonly Piece[], done: Outbox['done']): void {
    for (const piece of pieces) {
      this.bytesWritten += piece.bytes;
      if (!this.#opaque) this.#frame(piece);
    }
    this.#outbox = { pieces, done };
    this.#flush();
  }

  #frame(piece: Piece): void {
    if (this.#framer.atBoundary && piece.bytes > 0) {
      if (this.#exchange && !this.#exchange.responseStarted)
        return this.#stepAside('a request was written ahead of the response before it');
      if (this.#mode === 'off') return this.#stepAside();
      this.#exchange = new Exchange(this.origin.settings.replayBufferBytes);
      this.#idle = false;
      this.origin.counts.requests++;
      this.origin.noteRequest();
    }
    const framing = this.#framer.write(piece.data, piece.encoding);
    if (this.#exchange) this.#exchange.head = this.#framer.head;
    if (framing === 'lost') this.#stepAside('what the client wrote is not an HTTP/1 request');
    if (framing === 'past-end') this.#stepAside('a request was written ahead of the response before it');
  }

  /** Hands on what waits, if the connection may have it. */
  #flush(): void {
    if (this.#phase === 'lost' && this.#outbox) return this.#reopen();
    if (this.#phase !== 'open') return;
    const outbox = this.#outbox;
    if (outbox) {
      if (!this.#opaque && this.#exchange && !this.#exchange.admitted && !this.#checkout(this.#exchange)) return;
      this.#outbox = undefined;
      this.#writing = outbox.done;
      this.#send(outbox.pieces, true);
    }
    if (this.#ending && this.#connection.socket) {
      const done = this.#ending;
      this.#ending = undefined;
      this.#connection.socket.end(() => done());
    }
  }

  #send(pieces: readonly Piece[], record: boolean): void {
    const connection = this.#connection;
    const exchange = this.#exchange;
    if (exchange && !exchange.responseStarted && !this.#opaque) {
      const now = this.machine.now();
      exchange.lastSentAt = now;
      this.active(now.monotonicMs);
      if (!exchange.sentAt) {
        exchange.sentAt = now;
        exchange.handedBefore = connection.tcp ? this.machine.bytesHanded(connection.tcp) : 0;
        exchange.requestsBefore = connection.served;
        if (connection.served > 0) this.origin.counts.reused++;
      }
      if (record) for (const piece of pieces) exchange.recording.add(piece);
    } else if (this.timeout > 0) this.active(this.machine.now().monotonicMs);
    connection.writeAll(pieces, (error) => {
      if (!error && connection === this.#connection) this.#written();
    });
  }

  #written(): void {
    const done = this.#writing;
    this.#writing = undefined;
    if (!done) return;
    const scope = this.#exchange?.scope;
    if (scope) scope.runInAsyncScope(done, undefined);
    else done();
  }

  // --- before a request is written --------------------------------------------------------------------------------

  /** Whether the request may go on this connection now; if not, it goes when there is an answer or a new one. */
  #checkout(exchange: Exchange): boolean {
    const connection = this.#connection;
    const { wire } = connection;
    const limit = this.#limit;
    exchange.admitted = true;
    exchange.idleMs = this.#idleTime(this.machine.now());
    const facts: CheckoutFacts = {
      idleMs: exchange.idleMs,
      cutoffMs: this.origin.cutoffMs(limit),
      requestsLeft: this.#requestsLeft,
      canLook: wire !== undefined,
      limitKnown: limit.source !== 'assumed',
      replayable: this.#mode === 'on' && this.#isHarmlessTwice(exchange),
    };
    if (this.#mode === 'observe') return true;
    let checkout = decideCheckout(facts);
    if (checkout.action === 'look' && wire) {
      this.origin.counts.looks++;
      const seen = this.machine.look(wire);
      if (seen === 'alive') return true;
      if (seen !== 'unknown') return this.#abandon(LOOK_FOUND[seen], exchange.idleMs);
      checkout = decideCheckout({ ...facts, canLook: false });
    }
    if (checkout.action === 'let-go') return this.#abandon(checkout.reason, exchange.idleMs);
    if (checkout.action !== 'wait-two-turns') return true;
    this.#phase = 'waiting';
    this.machine.afterTwoTurns(() => {
      if (this.#phase !== 'waiting' || this.destroyed) return;
      this.#phase = 'open';
      this.#flush();
    });
    return false;
  }

  /** Takes leave of a connection before a byte was written to it. */
  #abandon(reason: LetGoReason, idleMs: number): false {
    this.#tellLetGo(reason, idleMs);
    if (reason === 'closed' || reason === 'reset') this.origin.letGoAsOldAs(idleMs);
    this.#reopen();
    return false;
  }

  #tellLetGo(reason: LetGoReason, idleMs: number): void {
    this.origin.counts.letGo++;
    letGoChannel.publish(() => ({ origin: this.origin.name, reason, idleMs, requests: this.#connection.served }));
  }

  // --- what the connection tells ----------------------------------------------------------------------------------

  #made(connection: Connection, socket: Duplex): void {
    const isFirst = this.#phase === 'opening';
    if (isFirst && connection.wire === socket) this.connecting = (socket as Partial<Socket>).connecting ?? false;
    forwardEvents(this, socket, isFirst, () => {
      this.connecting = false;
    });
  }

  #opened(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#endWait();
    this.connecting = false;
    if (connection.tcp) this.origin.noteHandshake(connection.handshakeMs);
    if (!this.#wantsData) connection.socket?.pause();
    this.#phase = 'open';
    const exchange = this.#exchange;
    if (exchange?.sentAt && !exchange.responseStarted) {
      exchange.sentAt = undefined;
      this.#send(exchange.recording.pieces, false);
    }
    this.#flush();
  }

  #received(connection: Connection, chunk: Buffer): void {
    if (connection !== this.#connection || this.destroyed) return;
    if (this.#opaque) return this.#deliver(chunk);
    const exchange = this.#exchange;
    if (!exchange?.sentAt) return this.#unsolicited(exchange);
    const now = this.machine.now();
    this.active(now.monotonicMs);
    if (!exchange.responseStarted) {
      const start = exchange.held ? Buffer.concat([exchange.held, chunk]) : chunk;
      const stale = exchange.requestsBefore > 0 && this.#mode !== 'observe' ? isStale408(start) : 'no';
      exchange.held = stale === 'no' ? undefined : start;
      if (stale === 'maybe' || this.#phase !== 'open') return;
      if (stale === 'yes') return this.#hangUp(exchange, '408', hangUpError());
      this.#responseBegins(exchange, now);
      chunk = start;
    }
    if (connection.response) {
      connection.response.lastByte = now;
      connection.response.bytes += chunk.length;
    }
    if (!exchange.response.whole) this.#heed(exchange, chunk);
    this.#deliver(chunk);
  }

  #ended(connection: Connection): void {
    if (connection !== this.#connection || this.#phase === 'weighing') return;
    const exchange = this.#inFlight;
    if (exchange?.held) this.#answer(exchange, exchange.held);
    else if (exchange) return this.#hangUp(exchange, 'fin', hangUpError());
    else if (!this.#exchange && !this.#opaque && this.#mode !== 'observe') {
      if (this.#idle) this.letGo('idle-end');
      else this.#phase = 'lost';
      return;
    }
    this.#passEnd();
  }

  #failed(connection: Connection, error: Error): void {
    if (connection !== this.#connection || this.#phase === 'weighing') return;
    const exchange = this.#inFlight;
    if (this.#phase === 'reopening') this.#reopenFailed(error);
    else if (exchange) this.#hangUp(exchange, isReset(error) ? 'reset' : 'error', error);
    else if (!this.#idle && !this.#exchange && !this.#opaque && this.#phase === 'open') this.#phase = 'lost';
    else this.destroy(error);
  }

  #closed(connection: Connection): void {
    if (connection !== this.#connection || this.#phase === 'weighing') return;
    const exchange = this.#inFlight;
    if (this.destroyed) this.#emitCloseSoon();
    else if (this.#phase === 'reopening') this.#reopenFailed(hangUpError());
    else if (exchange) this.#hangUp(exchange, 'error', hangUpError());
    else if (!connection.hasEnded && this.#phase !== 'lost') this.destroy();
  }

  /** The request that a hang-up would leave without an answer. */
  get #inFlight(): Exchange | undefined {
    if (this.#opaque || (this.#phase !== 'open' && this.#phase !== 'waiting')) return undefined;
    return this.#exchange?.responseStarted === false ? this.#exchange : undefined;
  }

  #responseBegins(exchange: Exchange, now: Instant): void {
    const connection = this.#connection;
    exchange.responseStarted = true;
    exchange.recording.forget();
    connection.served++;
    connection.response = { firstByte: now, lastByte: now, bytes: 0 };
    const answerMs = elapsedMs(exchange.lastSentAt ?? now, now);
    connection.quickestAnswerMs = Math.min(connection.quickestAnswerMs ?? answerMs, answerMs);
    this.#tellReplay(exchange, true);
  }

  /** Takes from the response's head what concerns the connection. */
  #heed(exchange: Exchange, chunk: Buffer): void {
    const connection = this.#connection;
    exchange.response.read(chunk);
    const { status, hint } = exchange.response;
    if (status === 101 || (exchange.head?.method === 'CONNECT' && status && status >= 200 && status < 300)) {
      return this.#stepAside();
    }
    if (!exchange.response.whole || !hint) return;
    connection.hint = hint;
    connection.firstMax ??= hint.max;
    this.origin.noteHint(hint.timeoutMs);
  }

  /** Gives the client bytes that were held back because they looked like a stale 408. */
  #answer(exchange: Exchange, start: Buffer): void {
    exchange.held = undefined;
    this.#phase = 'open';
    this.#responseBegins(exchange, this.machine.now());
    this.#heed(exchange, start);
    this.#deliver(start);
  }

  /** Bytes that no request asked for: a response that is not ours must never be taken for one. */
  #unsolicited(exchange: Exchange | undefined): void {
    if (exchange) this.#abandon('unsolicited-bytes', exchange.idleMs);
    else if (this.#idle) this.letGo('unsolicited-bytes');
    else this.#phase = 'lost';
  }

  #deliver(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    if (this.push(chunk)) return;
    this.#wantsData = false;
    this.#connection.socket?.pause();
  }

  #passEnd(): void {
    this.push(null);
    this.read(0);
  }

  override _read(): void {
    if (this.#wantsData) return;
    this.#wantsData = true;
    this.#connection.socket?.resume();
  }

  // --- when the connection hangs up -------------------------------------------------------------------------------

  #hangUp(exchange: Exchange, how: HangUpSign, cause: Error): void {
    exchange.hangUp = { how, cause, at: this.machine.now() };
    this.origin.counts.hangUps++;
    if (this.#mode === 'observe') return this.#observe(exchange);
    this.#decide(exchange, exchange.sentAt ? 'unsought' : 'unsent');
  }

  #decide(exchange: Exchange, evidence: Evidence): void {
    const verdict = decideHangUp(this.#facts(exchange, evidence));
    if (verdict.action === 'seek-evidence') return this.#weigh(exchange);
    this.#tellHangUp(exchange, verdict.action, verdict.reason, evidence);
    if (verdict.action === 'surface') return this.#surface(exchange, verdict.reason, evidence);
    if (verdict.costs) this.origin.spendReplay();
    if (exchange.requestsBefore > 0) this.origin.letGoAsOldAs(exchange.idleMs);
    if (exchange.sentAt) {
      exchange.replayedFor = verdict.reason;
      this.origin.counts.replays++;
    }
    exchange.held = undefined;
    this.#reopen();
  }

  #facts(exchange: Exchange, evidence: Evidence): HangUpFacts {
    return {
      aborted: this.destroyed || this.writableEnded || exchange.timedOut,
      responseStarted: exchange.responseStarted,
      unsent: exchange.sentAt === undefined,
      reused: exchange.requestsBefore > 0,
      replayed: exchange.replayedFor !== undefined,
      recorded: exchange.recording.whole && !this.#opaque,
      modeReplays: this.#mode !== 'cutoff',
      leave: this.origin.leave,
      idempotent: isIdempotent(exchange.head?.method ?? ''),
      keyed: (exchange.head?.hasKey ?? false) && this.origin.honoursKeys,
      budgetLeft: this.origin.canReplay(),
      evidence,
    };
  }

  #weigh(exchange: Exchange): void {
    const connection = this.#connection;
    const { tcp } = connection;
    const how = exchange.hangUp?.how;
    const possible = evidencePossible({
      ownTcp: tcp?.remoteAddress !== undefined,
      ourSideOpen: !this.writableEnded,
      orderlyEnd: how === 'fin' || how === '408',
    });
    if (!possible || !tcp) return this.#decide(exchange, 'none');
    this.#phase = 'weighing';
    const requestBytes = this.machine.bytesHanded(tcp) - exchange.handedBefore;
    this.#endWait = weigh(connection, requestBytes, this.machine, (evidence) => {
      this.#phase = 'open';
      this.#decide(exchange, evidence);
    });
  }

  #surface(exchange: Exchange, reason: Reason, evidence: Evidence, detail?: string): void {
    this.origin.counts.surfaced++;
    this.#tellReplay(exchange, false);
    if (exchange.held) {
      this.#answer(exchange, exchange.held);
      if (this.#connection.hasEnded) this.#passEnd();
      return;
    }
    const story = { ...this.#story(exchange, reason, evidence), ...(detail !== undefined && { detail }) };
    this.destroy(new HangUpError(story, exchange.hangUp?.cause ?? hangUpError()));
  }

  /** Says what would have been done, and lets the client see what it would have seen without a Line. */
  #observe(exchange: Exchange): void {
    const verdict = decideHangUp({ ...this.#facts(exchange, 'unsought'), modeReplays: true });
    // evidence takes time, in which the client would have to wait; that it would be sought is what can be told
    const [action, reason] = verdict.action === 'seek-evidence' ? (['surface', 'no-evidence'] as const) : [verdict.action, verdict.reason];
    this.#tellHangUp(exchange, action, reason, 'unsought');
    this.origin.counts.surfaced++;
    const { how, cause } = exchange.hangUp ?? {};
    this.#exchange = undefined;
    this.#opaque = true;
    if (how === 'fin') this.#passEnd();
    else this.destroy(how === 'reset' || how === 'error' ? cause : undefined);
  }

  /** Opens a new connection for what waits and for what is to be sent again. */
  #reopen(): void {
    const old = this.#connection;
    this.#phase = 'reopening';
    this.#connection = this.#newConnection();
    old.leave();
    const timeoutMs = this.origin.settings.replayConnectTimeoutMs;
    this.#endWait = this.machine.timer(timeoutMs, true, () => {
      const error = new Error(`Holdline: connecting to ${this.origin.name} took longer than replayConnectTimeoutMs (${timeoutMs} ms).`);
      this.#reopenFailed(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
    this.#connection.open(this.dial);
  }

  #reopenFailed(error: Error): void {
    const exchange = this.#exchange;
    if (!exchange?.replayedFor) return void this.destroy(error);
    this.#tellHangUp(exchange, 'surface', 'replay-connect-failed', 'unsought');
    this.#surface(exchange, 'replay-connect-failed', 'unsought', error.message);
  }

  #newConnection(): Connection {
    this.origin.counts.connects++;
    return new Connection(this.machine, this.#listener, this.socketSettings);
  }

  // --- telling ----------------------------------------------------------------------------------------------------

  #story(exchange: Exchange, reason: Reason, evidence: Evidence) {
    return {
      reason,
      evidence,
      reused: exchange.requestsBefore > 0,
      idleMs: exchange.idleMs,
      limitMs: this.#limit.limitMs,
      hintMs: this.hintMs,
      origin: this.origin.name,
      requests: exchange.requestsBefore,
      method: exchange.head?.method ?? 'request',
      how: exchange.hangUp?.how ?? 'error',
    };
  }

  #tellHangUp(exchange: Exchange, verdict: 'replay' | 'surface', reason: Reason, evidence: Evidence): void {
    hangUpChannel.publish(() => {
      const story = this.#story(exchange, reason, evidence);
      const at = exchange.hangUp?.at;
      return {
        ...story,
        verdict,
        fix: explain(story).fix,
        closedAfterMs: exchange.sentAt && at ? elapsedMs(exchange.sentAt, at) : 0,
        rttMs: this.#connection.handshakeMs,
        observed: this.#mode === 'observe',
      };
    });
  }

  #tellReplay(exchange: Exchange, ok: boolean): void {
    const { replayedFor, hangUp } = exchange;
    if (!replayedFor || !hangUp) return;
    replayChannel.publish(() => ({
      origin: this.origin.name,
      method: exchange.head?.method ?? 'request',
      reason: replayedFor,
      ok,
      tookMs: elapsedMs(hangUp.at, this.machine.now()),
    }));
  }

  // --- the rest ---------------------------------------------------------------------------------------------------

  /** From now on bytes only pass: the protocol has changed, or (`why`) the Line has lost its place. */
  #stepAside(why?: string): void {
    if (this.#opaque) return;
    this.#opaque = true;
    // a request whose connection is gone still gets its verdict, and that is not to send it again
    if (this.#phase === 'open' || this.#phase === 'waiting' || this.#phase === 'opening') this.#exchange?.recording.forget();
    if (why === undefined) return;
    this.origin.counts.faults++;
    faultChannel.publish(() => ({ origin: this.origin.name, error: new Error(`Holdline: ${why}; the Line passes bytes on and does no more.`) }));
  }

  get #mode(): Mode {
    return this.origin.mode;
  }

  get #limit(): IdleLimit {
    return this.origin.limit(this.#connection.hint.timeoutMs);
  }

  get #requestsLeft(): number {
    const { firstMax, hint, served } = this.#connection;
    return requestsLeft(firstMax, hint.max, served);
  }

  #idleTime(now: Instant): number {
    const { response, openedAt } = this.#connection;
    return response ? idleTimeMs(response, this.origin.marginMs(this.#limit), now) : elapsedMs(openedAt, now);
  }

  #isHarmlessTwice({ head }: Exchange): boolean {
    if (!head || this.origin.leave === 'evidence' || this.origin.leave === 'never') return false;
    return harmlessTwice({ idempotent: isIdempotent(head.method), keyed: head.hasKey && this.origin.honoursKeys }) !== undefined;
  }

  protected override timedOut(): void {
    if (this.#exchange && !this.#exchange.responseStarted) this.#exchange.timedOut = true;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#endWait();
    this.endTimeout();
    this.origin.remove(this);
    this.#exchange?.recording.forget();
    const unwritten = this.#writing ?? this.#outbox?.done;
    this.#writing = this.#outbox = undefined;
    done(error);
    if (unwritten) process.nextTick(unwritten, error ?? destroyedError());
    if (this.#connection.isClosed) this.#emitCloseSoon();
    else this.#connection.leave();
  }

  #emitCloseSoon(): void {
    process.nextTick(() => {
      if (this.#closeTold) return;
      this.#closeTold = true;
      this.emit('close', this.errored !== null);
    });
  }
}

function pieceOf(data: Buffer | string, encoding: BufferEncoding): Piece {
  if (typeof data !== 'string') return { data, encoding, bytes: data.length };
  return { data, encoding, bytes: Buffer.byteLength(data, encoding) };
}

/** What Node's HTTP client says of a FIN under a request. */
function hangUpError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function destroyedError(): Error {
  return Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' });
}

function isReset(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function noop(): void {}
