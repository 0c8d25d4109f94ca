import { Duplex } from 'node:stream';
import type { Received, TcpEnd } from './tcp.js';

/** What a socket needs of the machine that it is on. */
export interface Loop {
  watch(socket: MemorySocket): void;
  closes(socket: MemorySocket, tell: () => void): void;
}

/** Who a socket is, whom it talks to, and how it stands. */
export interface SocketState {
  readonly localPort: number;
  readonly remotePort: number;
  readonly connecting: boolean;
  /** How many unacknowledged bytes its kernel takes; what is written beyond waits in the process. */
  readonly sendBufferBytes: number;
}

/** What the kernel had no room for. */
interface Queued {
  readonly bytes: Buffer;
  readonly done: (error?: Error | null) => void;
}

const ADDRESS = '127.0.0.1';

/**
 * A `net.Socket` over a {@link TcpEnd}: it reads when its machine's loop turns, and not before.
 *
 * It stays half-open when the peer ends it, and it has no idle timeout: `setTimeout` does nothing.
 */
export class MemorySocket extends Duplex {
  connecting: boolean;
  bytesRead = 0;
  bytesWritten = 0;
  /** Bytes given to the kernel. */
  bytesHanded = 0;
  readonly remoteFamily = 'IPv4';
  readonly localFamily = 'IPv4';
  readonly localAddress = ADDRESS;
  readonly localPort: number;
  readonly #remotePort: number;
  readonly #sendBufferBytes: number;
  #queued: Queued | undefined;
  #wants = false;

  constructor(
    /** What the kernel knows of it. */
    readonly tcp: TcpEnd,
    private readonly loop: Loop,
    state: SocketState,
  ) {
    super({ allowHalfOpen: true, emitClose: false });
    this.localPort = state.localPort;
    this.#remotePort = state.remotePort;
    this.#sendBufferBytes = state.sendBufferBytes;
    this.connecting = state.connecting;
    loop.watch(this);
    if (!this.connecting) this.read(0);
  }

  get pending(): boolean {
    return this.connecting;
  }

  get remoteAddress(): string | undefined {
    return this.connecting ? undefined : ADDRESS;
  }

  get remotePort(): number | undefined {
    return this.connecting ? undefined : this.#remotePort;
  }

  address(): { address: string; family: string; port: number } {
    return { address: ADDRESS, family: this.localFamily, port: this.localPort };
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes the connection by a RST. */
  resetAndDestroy(): this {
    this.tcp.reset();
    return this.destroy();
  }

  /** The kernel can be asked about it. */
  get hasDescriptor(): boolean {
    return !this.connecting && !this.destroyed;
  }

  /** Bytes that wait in the process because the kernel had no room. */
  get bytesQueued(): number {
    return this.#queued?.bytes.length ?? 0;
  }

  /** The loop would find something to do. */
  get wantsPoll(): boolean {
    return this.hasDescriptor && (this.#canRead || this.#canWrite);
  }

  get #canRead(): boolean {
    return this.#wants && !this.readableEnded && this.tcp.peek() !== 'nothing';
  }

  get #canWrite(): boolean {
    return this.#queued !== undefined && (!this.tcp.sends || this.tcp.unacknowledgedBytes < this.#sendBufferBytes);
  }

  /** @internal The handshake is done. */
  connected(): void {
    this.connecting = false;
    this.emit('connect');
    this.emit('ready');
    this.read(0);
  }

  /** @internal The loop looks whether there is anything to do: it reads once, and writes what there is room for. */
  poll(): void {
    if (this.hasDescriptor && this.#canRead) this.#receive(this.tcp.read());
    const queued = this.#queued;
    if (!queued || !this.hasDescriptor || !this.#canWrite) return;
    this.#queued = undefined;
    this.#hand(queued);
  }

  #receive(found: Received): void {
    if (found === 'reset') this.destroy(failure('read', 'ECONNRESET'));
    else if (found === 'end') {
      this.#wants = false;
      this.push(null);
      this.read(0);
    } else if (found !== 'nothing') {
      this.bytesRead += found.length;
      this.#wants = false;
      if (this.push(found)) this.#wants = true;
    }
  }

  #hand({ bytes, done }: Queued): void {
    if (!this.tcp.sends) return done(failure('write', this.tcp.finReceived ? 'EPIPE' : 'ECONNRESET'));
    const room = Math.max(0, this.#sendBufferBytes - this.tcp.unacknowledgedBytes);
    // a kernel has its own copy, and sends nothing for nothing
    if (room > 0 && bytes.length > 0) this.tcp.send(Buffer.from(bytes.subarray(0, room)));
    if (bytes.length <= room) done();
    else this.#queued = { bytes: bytes.subarray(room), done };
  }

  override _read(): void {
    this.#wants = true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.once('connect', () => this._write(chunk, _encoding, done));
      return;
    }
    this.bytesWritten += chunk.length;
    this.bytesHanded += chunk.length;
    this.#hand({ bytes: chunk, done });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done));
      return;
    }
    this.tcp.shutdown();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connecting = false;
    this.tcp.close();
    const unwritten = this.#queued;
    this.#queued = undefined;
    this.loop.closes(this, () => {
      unwritten?.done();
      this.emit('close', error !== null);
    });
    done(error);
  }
}

/** An error of the kernel as Node reports it. */
export function failure(syscall: 'connect' | 'read' | 'write', code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
