import type { Duplex } from 'node:stream';
import type { HangUpSign, LetGoReason } from '../events/channels.js';
import type { Instant } from '../policy/idle-time.js';
import { type AdmissionSide, abandon, admit } from './admission.js';
import { idleTimeOf, keepIdle } from './checking-out.js';
import type { ClientSide, Outbox } from './client-side.js';
import type { Connection, ConnectionListener, Dial, SocketSettings } from './connection.js';
import { CurrentConnection } from './current-connection.js';
import { destroyedError, hangUpError, isReset } from './errors.js';
import { Exchange } from './exchange.js';
import { type HangUpSide, handleHangUp, surface } from './hang-ups.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';
import type { Phase } from './phase.js';
import type { Piece } from './recording.js';
import { RequestFramer } from './request-framer.js';
import { RequestScope } from './request-scope.js';
import { beginResponse, firstBytes, heedHead } from './responses.js';
import { tellFault, tellLetGo } from './telling.js';

/**
 * Carries a Line's requests over real connections: one after another over the same one while it is good, and over a new
 * one when the old one is too old, or went before the response began and the policy lets the request be sent again.
 */
export class Carrier implements ConnectionListener, AdmissionSide, HangUpSide {
  readonly #framer = new RequestFramer();
  #phase: Phase = 'opening';
  /** Out of the way: bytes only pass. */
  #opaque = false;
  /** No request holds the connection. A new one is made for a request, which may be written much later. */
  #idle = false;
  readonly #current: CurrentConnection;
  #exchange: Exchange | undefined;
  readonly #scope = new RequestScope();
  #outbox: Outbox | undefined;
  /** The callback of the write for which the socket had no room. */
  #writing: Outbox['done'] | undefined;
  #ending: (() => void) | undefined;
  #wantsData = true;
  #endWaiting: Cancel | undefined;

  constructor(
    readonly client: ClientSide,
    readonly origin: Origin,
    dial: Dial,
    settings: SocketSettings,
  ) {
    this.#current = new CurrentConnection(origin, dial, settings, this);
  }

  /** Makes the first connection. */
  open(): void {
    this.#current.open();
  }

  /** The real connection of the moment. */
  get connection(): Connection {
    return this.#current.now;
  }

  get hasLostPlace(): boolean {
    return this.#opaque;
  }

  /** Its connection is gone, and what the client writes goes over a new one. */
  get isLost(): boolean {
    return this.#phase === 'lost';
  }

  idleMs(now: Instant): number | undefined {
    return this.#idle && !this.#opaque && this.#phase === 'open'
      ? idleTimeOf(this.origin, this.connection, now)
      : undefined;
  }

  /** The client is done with the response. @returns Whether the Line may be used again. */
  released(): boolean {
    if (this.#opaque) return true;
    if (!this.#framer.atBoundary || this.#phase !== 'open' || this.#exchange?.responseStarted === false) return false;
    this.#exchange = undefined;
    this.#scope.end();
    this.#idle = true;
    if (!this.#interferes || this.origin.mode === 'off') return true;
    return keepIdle(this.origin, this.connection);
  }

  /** The client has taken the Line for a request that it may write much later. */
  taken(): void {
    this.#idle = false;
    this.#scope.begin();
  }

  letGo(reason: LetGoReason): void {
    tellLetGo(this.origin, this.connection, reason, idleTimeOf(this.origin, this.connection));
    this.client.leavePool(reason === 'idle-end');
  }

  timedOut(tell: () => void): void {
    if (this.#exchange?.responseStarted === false) this.#exchange.timedOut = true;
    this.#scope.run(tell);
  }

  /** The client can take more. */
  resume(): void {
    if (this.#wantsData) return;
    this.#wantsData = true;
    this.connection.socket?.resume();
  }

  weighing(isWeighing: boolean): void {
    this.#phase = isWeighing ? 'weighing' : 'open';
  }

  waiting(): readonly Piece[] {
    return this.#outbox?.pieces ?? [];
  }

  /** Ends everything. @returns The callback of the write that will never be confirmed, if any. */
  leave(): Outbox['done'] | undefined {
    this.#stopWaiting();
    this.#phase = 'open'; // the connection's close is waited for
    this.#exchange?.recording.forget();
    const unwritten = this.#writing ?? this.#outbox?.done;
    this.#writing = this.#outbox = undefined;
    this.#current.leave();
    return unwritten;
  }

  write(pieces: readonly Piece[], done: Outbox['done']): void {
    if (!this.#opaque) this.#guarded(this.#frame, pieces);
    if (this.client.isDestroyed) return done(destroyedError()); // by a listener that was just told
    this.#outbox = { pieces, done };
    this.flush();
  }

  end(done: () => void): void {
    this.#ending = done;
    this.flush();
  }

  #frame(pieces: readonly Piece[]): void {
    for (const piece of pieces) if (!this.#opaque) this.#framePiece(piece);
  }

  #framePiece(piece: Piece): void {
    if (this.#framer.atBoundary && piece.bytes > 0) {
      // a response may be in the midst, and nothing may be sent again that would land in it
      if (this.#exchange && (!this.#exchange.responseStarted || this.client.mayPipeline))
        return this.stepAside('a request was written ahead of the response before it');
      if (this.origin.mode === 'off') return this.stepAside();
      if (this.#idle || this.#exchange || !this.#scope.hasBegun) this.#scope.begin();
      this.#exchange = new Exchange(this.origin.settings.replayBufferBytes);
      this.#idle = false;
      this.origin.noteRequest();
    }
    const framing = this.#framer.write(piece.data, piece.encoding);
    if (this.#exchange) this.#exchange.head = this.#framer.head;
    if (framing === 'lost') this.stepAside('what the client wrote is not an HTTP/1 request');
    if (framing === 'past-end') this.stepAside('a request was written ahead of the response before it');
  }

  /** Hands on what waits, if the connection may have it. */
  flush(): void {
    if (this.#phase === 'lost' && this.#outbox) return this.reopen();
    if (this.#phase === 'lost') return this.client.destroy(); // it ended its side and will ask for nothing
    if (this.#phase !== 'open') return;
    const outbox = this.#outbox;
    if (outbox) {
      if (!this.#opaque && this.#exchange?.admitted === false && !this.#admit(this.#exchange)) return;
      this.#outbox = undefined;
      this.#writing = outbox.done;
      this.#send(outbox.pieces, true);
    }
    if (this.#ending && this.connection.socket) {
      const done = this.#ending;
      this.#ending = undefined;
      this.connection.socket.end(() => done());
    }
  }

  #send(pieces: readonly Piece[], record: boolean): void {
    const connection = this.connection;
    const exchange = this.#exchange;
    const now = this.origin.machine.now();
    this.client.active(now.monotonicMs);
    if (exchange && !exchange.responseStarted && !this.#opaque) {
      exchange.lastSentAt = now;
      if (!exchange.sentAt) {
        exchange.sentAt = now;
        exchange.feelerBytes = connection.feelerBytes ?? 0;
        exchange.handedBefore = connection.bytesHanded - exchange.feelerBytes;
        if (!exchange.replayedFor) exchange.requestsBefore = connection.served;
        if (connection.served > 0) this.origin.counts.reused++;
      }
      if (record) for (const piece of pieces) exchange.recording.add(piece);
    }
    if (connection.write(pieces)) this.#written();
    else if (connection.isClosed) this.client.destroy();
    // else the socket tells when it has room
  }

  #written(): void {
    const done = this.#writing;
    this.#writing = undefined;
    done?.();
  }

  /** Whether the request may go now. Without an answer, because of a fault, it goes as it would without a Line. */
  #admit(exchange: Exchange): boolean {
    exchange.admitted = true;
    return this.#guarded(admit, this, exchange) ?? true;
  }

  /** Writes nothing until it is called back. */
  hold(until: (run: () => void) => Cancel, then: () => void): void {
    this.#phase = 'waiting';
    this.#endWaiting = until(() => {
      this.#phase = 'open';
      this.#scope.run(then);
    });
  }

  made(_: Connection, socket: Duplex): void {
    this.client.socketMade(socket, this.#phase === 'opening');
  }

  opened(connection: Connection): void {
    this.#scope.run(() => this.#opened(connection));
  }

  received(connection: Connection, chunk: Buffer): void {
    this.#scope.run(this.#received, this, connection, chunk);
  }

  drained(): void {
    this.#hear(() => this.#written());
  }

  ended(): void {
    this.#hear(() => this.#ended());
  }

  failed(_: Connection, error: Error): void {
    this.#hear(() => this.#failed(error));
  }

  closed(connection: Connection): void {
    this.#hear(() => this.#closed(connection));
  }

  /** While evidence is weighed only the kernel is asked. */
  #hear(act: () => void): void {
    if (this.#phase !== 'weighing') this.#scope.run(act);
  }

  #opened(connection: Connection): void {
    this.client.socketConnected();
    if (connection.tcp) this.origin.noteHandshake(connection.handshakeMs);
    if (!this.#wantsData) connection.socket?.pause();
    this.#phase = 'open';
    const exchange = this.#exchange;
    if (exchange) exchange.waited = true;
    if (exchange?.sentAt && !exchange.responseStarted) {
      if (exchange.timedOut || this.client.writableEnded) return surface(this, exchange, 'aborted', exchange.evidence);
      exchange.sentAt = undefined;
      this.#send(exchange.recording.pieces, false);
    }
    this.flush();
  }

  #received(connection: Connection, chunk: Buffer): void {
    if (this.client.isDestroyed) return;
    if (this.#opaque) return this.#deliver(chunk);
    const exchange = this.#exchange;
    if (!exchange?.sentAt && this.#interferes) return this.#unsolicited(connection, chunk, exchange);
    if (!exchange?.sentAt) return this.#deliver(chunk);
    const now = this.origin.machine.now();
    this.client.active(now.monotonicMs);
    if (!exchange.responseStarted) {
      const start = firstBytes(exchange, chunk, connection.served > 0 && this.#interferes);
      if (start === 'hold' || this.#phase !== 'open') return;
      if (start === 'stale') return this.hangUp(exchange, '408');
      beginResponse(this.origin, connection, exchange, now);
      chunk = start;
    }
    connection.noteBytes(chunk.length, now);
    this.#heed(exchange, chunk);
    this.#deliver(chunk);
  }

  /** Bytes came before the request was written: to the first one of a connection they are an early answer. */
  #unsolicited(connection: Connection, chunk: Buffer, exchange: Exchange | undefined): void {
    if (connection.served > 0 || this.#idle || exchange) return this.#lose('unsolicited-bytes', exchange);
    this.stepAside('the server answered before a request was written');
    this.#deliver(chunk);
  }

  #ended(): void {
    const exchange = this.#inFlight;
    if (exchange?.held) this.answer(exchange, exchange.held);
    else if (exchange) return this.hangUp(exchange, 'fin');
    else if (!this.#exchange && this.#interferes) return this.#lose('idle-end');
    this.client.serverEnded();
  }

  #failed(error: Error): void {
    const exchange = this.#inFlight;
    if (exchange) this.hangUp(exchange, isReset(error) ? 'reset' : 'error', error);
    else if (this.#interferes && !this.#idle && !this.#exchange && this.#phase === 'open') this.#lose('reset');
    else this.client.destroy(error);
  }

  #closed(connection: Connection): void {
    const exchange = this.#inFlight;
    if (this.client.isDestroyed) this.client.socketClosed();
    else if (exchange) this.hangUp(exchange, 'reset');
    else if (this.#writing || (!connection.hasEnded && this.#phase !== 'lost')) this.client.destroy();
  }

  /** The connection is no good any more, by its end or by bytes that nobody asked for, and carries no request. */
  #lose(reason: LetGoReason, exchange?: Exchange): void {
    if (exchange) abandon(this, reason, exchange.idleMs);
    else if (this.#idle) this.letGo(reason);
    else if (this.client.writableEnded) this.client.destroy();
    else this.#phase = 'lost';
  }

  #heed(exchange: Exchange, chunk: Buffer): void {
    const leavesHttp = this.#guarded(heedHead, this.origin, this.connection, exchange, chunk);
    if (leavesHttp) this.stepAside();
  }

  /** Gives the client bytes that were held back because they looked like a stale 408. */
  answer(exchange: Exchange, start: Buffer): void {
    exchange.held = undefined;
    beginResponse(this.origin, this.connection, exchange, this.origin.machine.now());
    this.#heed(exchange, start);
    this.#deliver(start);
  }

  #deliver(chunk: Buffer): void {
    if (this.client.deliver(chunk)) return;
    this.#wantsData = false;
    this.connection.socket?.pause();
  }

  hangUp(exchange: Exchange, how: HangUpSign, cause = hangUpError()): void {
    const end = handleHangUp(this, exchange, how, cause);
    if (this.#phase === 'weighing') this.#endWaiting = end;
  }

  #stopWaiting(): void {
    this.#endWaiting?.();
    this.#endWaiting = undefined;
  }

  /** Opens a new connection for what waits and for what is to be sent again. */
  reopen(): void {
    if (this.client.isDestroyed) return; // by a listener that was just told
    this.#stopWaiting();
    this.#phase = 'reopening';
    this.#current.replace((error) => this.#scope.run(() => this.#reopenFailed(error)));
  }

  #reopenFailed(error: Error): void {
    const exchange = this.#exchange;
    if (!exchange?.replayedFor) this.client.destroy(error);
    else surface(this, exchange, 'replay-connect-failed', exchange.evidence, error.message);
  }

  /** The request that would go without an answer if the connection ended now. */
  get #inFlight(): Exchange | undefined {
    if (this.#opaque || (this.#phase !== 'open' && this.#phase !== 'waiting')) return undefined;
    return this.#exchange?.responseStarted === false ? this.#exchange : undefined;
  }

  /** Whether the Line may do other than a plain socket would. */
  get #interferes(): boolean {
    return !this.#opaque && this.origin.mode !== 'observe';
  }

  /** Runs a part of the Line's own that a request can do without: a fault in it must not become the client's. */
  #guarded<Args extends unknown[], Result>(act: (...args: Args) => Result, ...args: Args): Result | undefined {
    try {
      return act.apply(this, args);
    } catch (error) {
      this.stepAside(String(error));
      return undefined;
    }
  }

  /** From now on bytes only pass: the protocol has changed, or (`why`) the Line has lost its place. */
  stepAside(why?: string): void {
    this.#opaque = true;
    // a request whose connection is gone still gets its verdict; then its recording is in use
    if (this.#phase !== 'weighing' && this.#phase !== 'reopening') this.#exchange?.recording.forget();
    if (why !== undefined) tellFault(this.origin, why);
  }
}
