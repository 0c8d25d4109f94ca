import type { Socket } from 'node:net';
import { addAbortSignal, Duplex } from 'node:stream';
import type { LetGoReason } from '../events/channels.js';
import type { Instant } from '../policy/idle-time.js';
import type { KeepAliveHint } from '../policy/keep-alive-header.js';
import { Carrier } from './carrier.js';
import type { ClientSide, Holder } from './client-side.js';
import type { Dial } from './connection.js';
import { destroyedError } from './errors.js';
import { forwardEvents } from './forwarding.js';
import type { Idler, Origin } from './origin.js';
import type { Piece } from './recording.js';
import { SocketFace } from './socket-face.js';

// taken once, see node-machine.ts: Jest's fake timers hold this back too, and with it `close`
const { nextTick } = process;

/** How a Line is made: what `net.connect` takes and does not hand on to the real socket. */
export interface LineOptions {
  readonly allowHalfOpen?: boolean | undefined;
  readonly highWaterMark?: number | undefined;
  /** The idle timeout of the socket, in ms. */
  readonly timeout?: number | undefined;
  /** Destroys the Line. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The socket that an HTTP client holds, and that holds the real one. It lets go of an idle connection in time, looks
 * before it writes, and sends a request again where the policy says that this can do no harm. This class is what the
 * client sees; {@link Carrier} does the rest.
 */
export class Line extends SocketFace implements Idler, ClientSide {
  readonly #origin: Origin;
  readonly #carrier: Carrier;
  #closeTold = false;
  #holder: Holder | undefined;
  /** @internal See {@link ClientSide}. */
  isDestroyed = false;

  constructor(origin: Origin, dial: Dial, options: LineOptions = {}) {
    const { allowHalfOpen = false, highWaterMark } = options;
    super({ allowHalfOpen, ...(highWaterMark !== undefined && { highWaterMark }) }, origin.machine);
    this.#origin = origin;
    this.#carrier = new Carrier(this, origin, dial, this.socketSettings);
    origin.add(this);
    this.#carrier.open();
    if (options.timeout) this.setTimeout(options.timeout);
    if (options.signal) addAbortSignal(options.signal, this);
  }

  /** @internal The TCP, TLS or user's socket of the moment. */
  get socket(): Duplex | undefined {
    const { socket, tcp } = this.#carrier.connection;
    return socket ?? tcp;
  }

  protected get real(): Partial<Socket> | undefined {
    return this.socket as Partial<Socket> | undefined;
  }

  /** @internal See {@link Holder}; without one the client is Node's. */
  heldBy(holder: Holder): void {
    this.#holder = holder;
  }

  /** @internal See {@link ClientSide}. */
  get mayPipeline(): boolean {
    return this.#holder?.mayPipeline ?? false;
  }

  /** @internal See {@link ClientSide}. */
  get knowsNodesWords(): boolean {
    return !this.#holder;
  }

  override ref(): this {
    super.ref();
    this.#holder?.some();
    return this;
  }

  override unref(): this {
    super.unref();
    this.#holder?.none();
    return this;
  }

  /** @internal The `Keep-Alive` that its connection was told. */
  get hint(): KeepAliveHint {
    return this.#carrier.connection.hint;
  }

  /** @internal The idle time in ms; `undefined` while a request holds the Line. */
  idleMs(now: Instant): number | undefined {
    return this.destroyed ? undefined : this.#carrier.idleMs(now);
  }

  /** @internal The pool has taken the Line back. @returns Whether it may be used again. */
  released(): boolean {
    return !this.destroyed && this.#carrier.released();
  }

  /** @internal The pool has given the Line to a request. */
  taken(): void {
    this.#carrier.taken();
  }

  /** @internal Another protocol is spoken: from now on bytes only pass. */
  stepAside(): void {
    this.#carrier.stepAside();
  }

  /** @internal See {@link Idler.toPark}. */
  toPark(): Duplex | undefined {
    return this.#carrier.connection.toPark();
  }

  /** @internal Ends the idle Line. */
  letGo(reason: LetGoReason): void {
    this.#carrier.letGo(reason);
  }

  override _write(data: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#write([pieceOf(data, encoding)], done);
  }

  override _writev(
    chunks: { chunk: Buffer | string; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    const pieces = chunks.map(({ chunk, encoding }) => pieceOf(chunk, encoding));
    this.#write(pieces, done);
  }

  override _final(done: () => void): void {
    this.#carrier.end(done);
  }

  override _read(): void {
    this.#carrier.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.isDestroyed = true;
    this.endTimer();
    this.#origin.remove(this);
    done(error ?? this.#earlyError()); // before the carrier may tell of the close: error comes first
    const unwritten = this.#carrier.leave();
    if (unwritten) nextTick(unwritten, error ?? destroyedError());
  }

  protected override timedOut(tell: () => void): void {
    this.#carrier.timedOut(tell);
  }

  /** @internal See {@link ClientSide}. */
  socketMade(socket: Duplex, isFirst: boolean): void {
    if (isFirst && this.connecting) this.connecting = (socket as Partial<Socket>).connecting ?? false;
    forwardEvents(this, socket, isFirst);
  }

  /** @internal See {@link ClientSide}. */
  socketConnected(): void {
    this.connecting = false;
  }

  /** @internal See {@link ClientSide}. */
  deliver(chunk: Buffer): boolean {
    this.bytesRead += chunk.length;
    return this.push(chunk);
  }

  /** @internal See {@link ClientSide}. */
  serverEnded(): void {
    this.push(null);
    this.read(0);
  }

  /** @internal Node's agents forget a socket at once when it emits `agentRemove`; `close` comes a moment too late. */
  leavePool(serverEnded: boolean): void {
    if (serverEnded) this.push(null);
    this.destroy();
    this.emit('agentRemove');
  }

  /** @internal Emits `close` like `net.Socket`, with whether there was an error. */
  socketClosed(): void {
    if (this.#closeTold) return;
    this.#closeTold = true;
    nextTick(() => this.emit('close', this.errored !== null));
  }

  /** Why the socket was destroyed that nothing was written to, where it has not told yet. */
  #earlyError(): Error | null {
    return (this.bytesWritten === 0 && this.socket?.errored) || null;
  }

  /** @internal Its socket was destroyed before the client wrote, and the Line will be. */
  get diesUnwritten(): boolean {
    return this.bytesWritten === 0 && this.socket?.destroyed === true && !this.#carrier.isLost;
  }

  #write(pieces: readonly Piece[], done: (error?: Error | null) => void): void {
    for (const piece of pieces) this.bytesWritten += piece.bytes;
    this.#carrier.write(pieces, done);
  }
}

// Until the client writes, a Line whose socket was destroyed counts as destroyed too, though the reason comes a moment later.
// Node's client looks before that, would take the Line of an aborted request for a good one, and the reason would go unheard.
Object.defineProperty(Line.prototype, 'destroyed', {
  ...Object.getOwnPropertyDescriptor(Duplex.prototype, 'destroyed'),
  get(this: Line) {
    return this.isDestroyed || this.diesUnwritten;
  },
});

function pieceOf(data: Buffer | string, encoding: BufferEncoding): Piece {
  if (typeof data !== 'string') return { data, encoding, bytes: data.length };
  return { data, encoding, bytes: Buffer.byteLength(data, encoding) };
}
