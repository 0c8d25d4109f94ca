import { Duplex } from 'node:stream';
import type { TcpEnd } from './tcp.js';

/** What a socket needs of the machine that it is on. */
export interface Loop {
  watch(socket: MemorySocket): void;
  closes(socket: MemorySocket, tell: () => void): void;
}

/** Who a socket is and whom it talks to. */
export interface Addresses {
  readonly localPort: number;
  readonly remotePort: number;
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
  #wants = false;

  constructor(
    /** What the kernel knows of it. */
    readonly tcp: TcpEnd,
    private readonly loop: Loop,
    addresses: Addresses,
    state: 'connecting' | 'connected',
  ) {
    super({ allowHalfOpen: true, emitClose: false });
    this.localPort = addresses.localPort;
    this.#remotePort = addresses.remotePort;
    this.connecting = state === 'connecting';
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

  /** The loop would find something to read. */
  get wantsPoll(): boolean {
    return this.#wants && this.hasDescriptor && !this.readableEnded && this.tcp.peek() !== 'nothing';
  }

  /** @internal The handshake is done. */
  connected(): void {
    this.connecting = false;
    this.emit('connect');
    this.emit('ready');
    this.read(0);
  }

  /** @internal The loop looks whether there is anything to read, and reads once. */
  poll(): void {
    if (!this.wantsPoll) return;
    const found = this.tcp.read();
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

  override _read(): void {
    this.#wants = true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.once('connect', () => this._write(chunk, _encoding, done));
      return;
    }
    if (!this.tcp.sends) return done(failure('write', this.tcp.finReceived ? 'EPIPE' : 'ECONNRESET'));
    this.bytesWritten += chunk.length;
    this.bytesHanded += chunk.length;
    // a kernel has its own copy
    this.tcp.send(Buffer.from(chunk));
    done();
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
    this.loop.closes(this, () => this.emit('close', error !== null));
    done(error);
  }
}

/** An error of the kernel as Node reports it. */
export function failure(syscall: 'connect' | 'read' | 'write', code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
