import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import { faultChannel, type HangUpSign, type LetGoReason } from '../events/channels.js';
import { HangUpError } from '../events/hang-up-error.js';
import type { Evidence } from '../policy/evidence.js';
import type { Instant } from '../policy/idle-time.js';
import type { Reason } from '../policy/verdict.js';
import { checkOut, idleTimeOf, requestsLeftOn } from './checking-out.js';
import { Connection, type ConnectionListener, type Dial, type SocketSettings } from './connection.js';
import { connectTimeoutError, hangUpError, isReset } from './errors.js';
import { Exchange } from './exchange.js';
import { type Case, foresee, type Judgement, judge } from './judging.js';
import type { Cancel } from './machine.js';
import type { Mode } from './options.js';
import type { Origin } from './origin.js';
import type { Piece } from './recording.js';
import { RequestFramer } from './request-framer.js';
import { isStale408, ResponseHead } from './response-head.js';
import { storyOf, tellHangUp, tellLetGo, tellReplay } from './telling.js';

const SCOPE = 'HOLDLINEREQUEST';

/**
 * | phase | means | writes |
 * |---|---|---|
 * | `opening` | the first connection is being made | wait |
 * | `open` | the connection may be written to | go |
 * | `waiting` | two turns of the loop, to hear of a FIN | wait |
 * | `lost` | the connection went after a request took it and before it wrote | open a new one |
 * | `weighing` | the connection hung up; evidence is looked for | wait |
 * | `reopening` | a new connection is being made | wait |
 */
type Phase = 'opening' | 'open' | 'waiting' | 'lost' | 'weighing' | 'reopening';

/** What the client wrote and no socket was given yet. */
interface Outbox {
  readonly pieces: readonly Piece[];
  readonly done: (error?: Error | null) => void;
}

/** The client's side of a Line, as its carrier sees it. */
export interface ClientSide {
  isDestroyed(): boolean;
  /** The client will write no more. */
  hasEnded(): boolean;
  made(socket: Duplex, isFirst: boolean): void;
  connected(): void;
  /** Bytes went or came. */
  active(nowMs: number): void;
  /** @returns Whether more may come. */
  deliver(chunk: Buffer): boolean;
  /** The server has ended the connection. */
  end(): void;
  destroy(error?: Error): void;
  /** Ends the idle Line so that the client's pool drops it at once. */
  drop(serverEnded: boolean): void;
  closed(): void;
}

/**
 * Carries a Line's requests over real connections: one after another over the same one while it is good, and over a new
 * one when the old one is too old, or went before the response began and the policy lets the request be sent again.
 */
export class Carrier {
  readonly #framer = new RequestFramer();
  #phase: Phase = 'opening';
  /** Out of the way: bytes only pass. */
  #opaque = false;
  /** No request holds the connection. */
  #idle = true;
  #connection: Connection;
  #exchange: Exchange | undefined;
  #scope: AsyncResource | undefined;
  #outbox: Outbox | undefined;
  /** The callback of the write for which the socket had no room. */
  #writing: Outbox['done'] | undefined;
  #ending: (() => void) | undefined;
  #wantsData = true;
  #endWait: Cancel = noop;
  readonly #listener: ConnectionListener = {
    made: (connection, socket) =>
      this.#client.made(socket, this.#phase === 'opening' && connection === this.#connection),
    opened: (connection) => this.#ifCurrent(connection, () => this.#opened(connection)),
    received: (connection, chunk) => this.#received(connection, chunk),
    ended: (connection) => this.#ifCurrent(connection, () => this.#ended()),
    drained: (connection) => this.#ifCurrent(connection, () => this.#written()),
    failed: (connection, error) => this.#ifCurrent(connection, () => this.#failed(error)),
    closed: (connection) => this.#ifCurrent(connection, () => this.#closed(connection)),
  };
  readonly #client: ClientSide;
  readonly #origin: Origin;
  readonly #dial: Dial;
  readonly #settings: SocketSettings;

  constructor(client: ClientSide, origin: Origin, dial: Dial, settings: SocketSettings) {
    this.#client = client;
    this.#origin = origin;
    this.#dial = dial;
    this.#settings = settings;
    this.#connection = this.#newConnection();
  }

  /** Makes the first connection. */
  open(): void {
    this.#connection.open(this.#dial);
  }

  get socket(): Duplex | undefined {
    return this.#connection.socket ?? this.#connection.tcp;
  }

  /** The async context of the request that holds the Line. */
  get scope(): AsyncResource | undefined {
    return this.#scope;
  }

  get hintMs(): number | undefined {
    return this.#connection.hint.timeoutMs;
  }

  idleMs(now: Instant): number | undefined {
    return this.#idle && !this.#opaque && this.#phase === 'open'
      ? idleTimeOf(this.#origin, this.#connection, now)
      : undefined;
  }

  /** The client is done with the response. @returns Whether the Line may be used again. */
  released(): boolean {
    if (this.#opaque) return true;
    if (!this.#framer.atBoundary || this.#phase !== 'open' || this.#exchange?.responseStarted === false) return false;
    this.#exchange = undefined;
    this.#scope = undefined;
    this.#idle = true;
    if (this.#mode === 'off' || this.#mode === 'observe') return true;
    const cutoffMs = this.#origin.cutoffMs(this.#origin.limit(this.hintMs));
    this.#origin.sweepLater(cutoffMs, (this.#connection.response?.lastByte ?? this.#now()).monotonicMs);
    return cutoffMs > 0 && requestsLeftOn(this.#connection) > 0;
  }

  /** The client has taken the Line for a request that it may write much later. */
  taken(): void {
    this.#idle = false;
    this.#scope = new AsyncResource(SCOPE);
  }

  letGo(reason: LetGoReason): void {
    tellLetGo(this.#origin, this.#connection, reason, idleTimeOf(this.#origin, this.#connection, this.#now()));
    this.#client.drop(reason === 'idle-end');
  }

  timedOut(): void {
    if (this.#exchange?.responseStarted === false) this.#exchange.timedOut = true;
  }

  /** The client can take more. */
  resume(): void {
    if (this.#wantsData) return;
    this.#wantsData = true;
    this.#connection.socket?.resume();
  }

  /** Ends everything. @returns The callback of the write that will never be confirmed, if any. */
  leave(): Outbox['done'] | undefined {
    this.#endWait();
    this.#phase = 'open'; // the connection's close is waited for
    this.#exchange?.recording.forget();
    const unwritten = this.#writing ?? this.#outbox?.done;
    this.#writing = this.#outbox = undefined;
    if (this.#connection.isClosed) this.#client.closed();
    else this.#connection.leave();
    return unwritten;
  }

  // --- what the client writes -------------------------------------------------------------------------------------

  write(pieces: readonly Piece[], done: Outbox['done']): void {
    if (!this.#opaque) this.#guarded(() => pieces.forEach((piece) => this.#frame(piece)));
    this.#outbox = { pieces, done };
    this.#flush();
  }

  end(done: () => void): void {
    this.#ending = done;
    this.#flush();
  }

  #frame(piece: Piece): void {
    if (this.#opaque) return;
    if (this.#framer.atBoundary && piece.bytes > 0) {
      if (this.#exchange?.responseStarted === false)
        return this.#stepAside('a request was written ahead of the response before it');
      if (this.#mode === 'off') return this.#stepAside();
      if (this.#idle || this.#exchange) this.#scope = new AsyncResource(SCOPE);
      this.#exchange = new Exchange(this.#origin.settings.replayBufferBytes);
      this.#idle = false;
      this.#origin.noteRequest();
    }
    const framing = this.#framer.write(piece.data, piece.encoding);
    if (this.#exchange) this.#exchange.head = this.#framer.head;
    if (framing === 'lost') this.#stepAside('what the client wrote is not an HTTP/1 request');
    if (framing === 'past-end') this.#stepAside('a request was written ahead of the response before it');
  }

  /** Hands on what waits, if the connection may have it. */
  #flush(): void {
    if (this.#phase === 'lost' && (this.#outbox || this.#ending)) return this.#reopen();
    if (this.#phase !== 'open') return;
    const outbox = this.#outbox;
    if (outbox) {
      if (!this.#opaque && this.#exchange?.admitted === false && !this.#admit(this.#exchange)) return;
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
    const now = this.#now();
    this.#client.active(now.monotonicMs);
    if (exchange && !exchange.responseStarted && !this.#opaque) {
      exchange.lastSentAt = now;
      if (!exchange.sentAt) {
        exchange.sentAt = now;
        exchange.handedBefore = connection.tcp ? this.#origin.machine.bytesHanded(connection.tcp) : 0;
        if (!exchange.replayedFor) exchange.requestsBefore = connection.served;
        if (connection.served > 0) this.#origin.counts.reused++;
      }
      if (record) for (const piece of pieces) exchange.recording.add(piece);
    }
    if (connection.write(pieces)) this.#written();
    // else the socket tells when it has room
  }

  #written(): void {
    const done = this.#writing;
    this.#writing = undefined;
    if (!done) return;
    this.#inScope(done);
  }

  #inScope(act: () => void): void {
    if (this.#scope) this.#scope.runInAsyncScope(act);
    else act();
  }

  // --- before a request is written --------------------------------------------------------------------------------

  /** Whether the request may go on this connection now; if not, it goes when there is an answer or a new one. */
  #admit(exchange: Exchange): boolean {
    exchange.admitted = true;
    const checkout = this.#guarded(() => checkOut(this.#origin, this.#connection, exchange)) ?? 'go';
    if (checkout === 'go') return true;
    if (checkout === 'wait') this.#waitTwoTurns();
    else this.#abandon(checkout, exchange.idleMs);
    return false;
  }

  #waitTwoTurns(): void {
    this.#phase = 'waiting';
    this.#origin.machine.afterTwoTurns(() => {
      if (this.#phase !== 'waiting' || this.#client.isDestroyed()) return;
      this.#phase = 'open';
      this.#flush();
    });
  }

  /** Takes leave of a connection before a byte was written to it. */
  #abandon(reason: LetGoReason, idleMs: number): void {
    tellLetGo(this.#origin, this.#connection, reason, idleMs);
    if (reason === 'closed' || reason === 'reset') this.#origin.letGoAsOldAs(idleMs);
    this.#reopen();
  }

  // --- what the connection tells ----------------------------------------------------------------------------------

  #ifCurrent(connection: Connection, act: () => void): void {
    // while evidence is weighed only the kernel is asked
    if (connection === this.#connection && this.#phase !== 'weighing') this.#inScope(act);
  }

  #opened(connection: Connection): void {
    this.#endWait();
    this.#client.connected();
    if (connection.tcp) this.#origin.noteHandshake(connection.handshakeMs);
    if (!this.#wantsData) connection.socket?.pause();
    this.#phase = 'open';
    const exchange = this.#exchange;
    if (exchange?.sentAt && !exchange.responseStarted) {
      if (exchange.timedOut || this.#client.hasEnded()) return this.#surface(exchange, 'aborted', 'unsought');
      exchange.sentAt = undefined;
      this.#send(exchange.recording.pieces, false);
    }
    this.#flush();
  }

  #received(connection: Connection, chunk: Buffer): void {
    if (connection !== this.#connection || this.#client.isDestroyed()) return;
    if (this.#opaque) return this.#deliver(chunk);
    const exchange = this.#exchange;
    if (!exchange?.sentAt) return this.#unsolicited(exchange, chunk);
    const now = this.#now();
    this.#client.active(now.monotonicMs);
    if (!exchange.responseStarted) {
      const start = exchange.held ? Buffer.concat([exchange.held, chunk]) : chunk;
      const stale = connection.served > 0 && this.#mode !== 'observe' ? isStale408(start) : 'no';
      exchange.held = stale === 'no' ? undefined : start;
      if (stale === 'maybe' || this.#phase !== 'open') return;
      if (stale === 'yes') return this.#inScope(() => this.#hangUp(exchange, '408', hangUpError()));
      this.#responseBegins(exchange, now);
      chunk = start;
    }
    connection.noteBytes(chunk.length, now);
    this.#heed(exchange, chunk);
    this.#deliver(chunk);
  }

  #ended(): void {
    if (this.#phase === 'opening' || this.#phase === 'reopening') return; // an error follows
    const exchange = this.#inFlight;
    if (exchange?.held) this.#answer(exchange, exchange.held);
    else if (exchange) return this.#hangUp(exchange, 'fin', hangUpError());
    else if (!this.#exchange && !this.#opaque && this.#mode !== 'observe') return this.#lose('idle-end');
    this.#client.end();
  }

  #failed(error: Error): void {
    const exchange = this.#inFlight;
    if (this.#phase === 'reopening') this.#reopenFailed(error);
    else if (exchange) this.#hangUp(exchange, isReset(error) ? 'reset' : 'error', error);
    else if (this.#isTakenUnwritten) this.#phase = 'lost';
    else this.#client.destroy(error);
  }

  #closed(connection: Connection): void {
    const exchange = this.#inFlight;
    if (this.#client.isDestroyed()) this.#client.closed();
    else if (this.#phase === 'reopening') this.#reopenFailed(hangUpError());
    else if (exchange) this.#hangUp(exchange, 'error', hangUpError());
    else if (!connection.hasEnded && this.#phase !== 'lost') this.#client.destroy();
  }

  /** Bytes that no request asked for: a response that is not ours must never be taken for one. */
  #unsolicited(exchange: Exchange | undefined, chunk: Buffer): void {
    if (this.#mode === 'observe') this.#deliver(chunk);
    else if (exchange) this.#abandon('unsolicited-bytes', exchange.idleMs);
    else this.#lose('unsolicited-bytes');
  }

  /** The connection is no good any more, and no request was written to it. */
  #lose(reason: LetGoReason): void {
    if (this.#idle) this.letGo(reason);
    else this.#phase = 'lost';
  }

  #responseBegins(exchange: Exchange, now: Instant): void {
    exchange.responseStarted = true;
    exchange.recording.forget();
    if (exchange.head?.leavesHttp || this.#connection.isHintWanted) exchange.response = new ResponseHead();
    this.#connection.noteResponse(now, exchange.lastSentAt);
    tellReplay(this.#origin, exchange, true, now);
  }

  /** Takes from the response's head what concerns the connection. */
  #heed(exchange: Exchange, chunk: Buffer): void {
    const { response } = exchange;
    if (!response || response.whole) return;
    this.#guarded(() => response.read(chunk));
    const { status = 0, hint } = response;
    if (status === 101 || (exchange.head?.method === 'CONNECT' && status >= 200 && status < 300))
      return this.#stepAside();
    if (!response.whole || !hint) return;
    this.#connection.noteHint(hint);
    this.#origin.noteHint(hint.timeoutMs);
  }

  /** Gives the client bytes that were held back because they looked like a stale 408. */
  #answer(exchange: Exchange, start: Buffer): void {
    exchange.held = undefined;
    this.#responseBegins(exchange, this.#now());
    this.#heed(exchange, start);
    this.#deliver(start);
  }

  #deliver(chunk: Buffer): void {
    if (this.#client.deliver(chunk)) return;
    this.#wantsData = false;
    this.#connection.socket?.pause();
  }

  // --- when the connection hangs up -------------------------------------------------------------------------------

  #hangUp(exchange: Exchange, how: HangUpSign, cause: Error): void {
    exchange.hangUp = { how, cause, at: this.#now() };
    this.#origin.counts.hangUps++;
    const hangUp: Case = {
      origin: this.#origin,
      connection: this.#connection,
      exchange,
      clientLeft: () => this.#client.isDestroyed() || this.#client.hasEnded(),
      lostPlace: () => this.#opaque,
    };
    if (this.#mode === 'observe') return this.#observe(hangUp, how, cause);
    const seeking = () => {
      this.#phase = 'weighing';
    };
    const end = judge(hangUp, seeking, (judgement) => {
      this.#phase = 'open';
      if (judgement.action === 'surface') this.#surface(exchange, judgement.reason, judgement.evidence);
      else this.#replay(exchange, judgement);
    });
    if (this.#phase === 'weighing') this.#endWait = end;
  }

  #replay(exchange: Exchange, judgement: Judgement & { action: 'replay' }): void {
    if (judgement.costs) this.#origin.spendReplay();
    if (exchange.requestsBefore > 0) this.#origin.letGoAsOldAs(exchange.idleMs);
    tellHangUp(this.#origin, this.#connection, exchange, judgement);
    if (exchange.sentAt) {
      exchange.replayedFor = judgement.reason;
      this.#origin.counts.replays++;
    }
    exchange.held = undefined;
    this.#reopen();
  }

  #surface(exchange: Exchange, reason: Reason, evidence: Evidence, detail?: string): void {
    const connection = this.#connection;
    this.#origin.counts.surfaced++;
    tellReplay(this.#origin, exchange, false, this.#now());
    tellHangUp(this.#origin, connection, exchange, { action: 'surface', reason, evidence });
    if (this.#client.isDestroyed()) return; // by a listener that was just told
    if (exchange.held) {
      this.#answer(exchange, exchange.held);
      if (connection.hasEnded) this.#client.end();
      else if (connection.isClosed) this.#client.destroy();
      return;
    }
    const { how = 'error', cause = hangUpError() } = exchange.hangUp ?? {};
    // an error with a code of its own, such as ETIMEDOUT, says more than ECONNRESET would
    if (how === 'error' && detail === undefined) return this.#client.destroy(cause);
    const story = storyOf(this.#origin, connection, exchange, { reason, evidence });
    this.#client.destroy(new HangUpError({ ...story, ...(detail !== undefined && { detail }) }, cause));
  }

  /** Tells what would have been done, and lets the client see what it would have seen without a Line. */
  #observe(hangUp: Case, how: HangUpSign, cause: Error): void {
    this.#origin.counts.surfaced++;
    tellHangUp(this.#origin, this.#connection, hangUp.exchange, foresee(hangUp));
    this.#opaque = true;
    if (how === 'fin') this.#client.end();
    else this.#client.destroy(cause);
  }

  /** Opens a new connection for what waits and for what is to be sent again. */
  #reopen(): void {
    if (this.#client.isDestroyed()) return; // by a listener that was just told
    const old = this.#connection;
    this.#phase = 'reopening';
    this.#connection = this.#newConnection();
    old.leave();
    const timeoutMs = this.#origin.settings.replayConnectTimeoutMs;
    this.#endWait = this.#origin.machine.timer(timeoutMs, true, () =>
      this.#reopenFailed(connectTimeoutError(this.#origin.name, timeoutMs)),
    );
    try {
      this.#connection.open(this.#dial);
    } catch (error) {
      this.#reopenFailed(error as Error); // a user's own createConnection may throw
    }
  }

  #reopenFailed(error: Error): void {
    const exchange = this.#exchange;
    this.#endWait();
    if (exchange?.replayedFor) this.#surface(exchange, 'replay-connect-failed', 'unsought', error.message);
    else this.#client.destroy(error);
  }

  #newConnection(): Connection {
    this.#origin.counts.connects++;
    return new Connection(this.#origin.machine, this.#listener, this.#settings);
  }

  // --- what is asked often ----------------------------------------------------------------------------------------

  /** The request that would go without an answer if the connection ended now. */
  get #inFlight(): Exchange | undefined {
    if (this.#opaque || (this.#phase !== 'open' && this.#phase !== 'waiting')) return undefined;
    return this.#exchange?.responseStarted === false ? this.#exchange : undefined;
  }

  get #isTakenUnwritten(): boolean {
    return this.#phase === 'open' && !this.#idle && !this.#exchange && !this.#opaque && this.#mode !== 'observe';
  }

  /** Runs a part of the Line's own that a request can do without: a fault in it must not become the client's. */
  #guarded<Result>(act: () => Result): Result | undefined {
    try {
      return act();
    } catch (error) {
      this.#stepAside(String(error));
      return undefined;
    }
  }

  /** From now on bytes only pass: the protocol has changed, or (`why`) the Line has lost its place. */
  #stepAside(why?: string): void {
    this.#opaque = true;
    // a request whose connection is gone still gets its verdict; then its recording is in use
    if (this.#phase !== 'weighing' && this.#phase !== 'reopening') this.#exchange?.recording.forget();
    if (why === undefined) return;
    this.#origin.counts.faults++;
    faultChannel.publish(() => ({
      origin: this.#origin.name,
      error: new Error(`Holdline: ${why}; the Line passes bytes on and does no more.`),
    }));
  }

  get #mode(): Mode {
    return this.#origin.mode;
  }

  #now(): Instant {
    return this.#origin.machine.now();
  }
}

function noop(): void {}
