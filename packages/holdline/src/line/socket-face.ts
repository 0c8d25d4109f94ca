import type { AddressInfo, Socket } from 'node:net';
import { Duplex, type DuplexOptions } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { SocketSettings } from './connection.js';
import { endedError } from './errors.js';
import type { Cancel, Machine } from './machine.js';

/** What a real socket tells, which a Line passes on. */
type Told = Partial<Omit<Socket, keyof Duplex>> & Partial<Omit<TLSSocket, keyof Socket>>;

// taken once, see node-machine.ts
const { nextTick } = process;

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The face of a `net.Socket` on a Duplex: what HTTP clients, SDKs and tracing tools read and set. What is set holds for
 * each real socket that comes after.
 */
export abstract class SocketFace extends Duplex {
  /** As in `net.Socket`: the first connection is being made. */
  connecting = true;
  /** As in `net.Socket`: the idle timeout that was set, in ms. */
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;
  protected readonly socketSettings: SocketSettings = { unref: false };
  #activeAt: number;
  #timer: { readonly end: Cancel; readonly dueMs: number } | undefined;

  constructor(
    options: DuplexOptions,
    protected readonly machine: Machine,
  ) {
    // like `net.Socket` it emits `close` itself, with `hadError`
    super({ ...options, emitClose: false, decodeStrings: false });
    this.#activeAt = machine.now().monotonicMs;
    this.on('end', refuseWrites);
  }

  /** The real socket of the moment. */
  protected abstract get real(): Told | undefined;

  get pending(): boolean {
    return this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get remoteAddress(): string | undefined {
    return this.real?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.real?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.real?.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.real?.localAddress;
  }

  get localPort(): number | undefined {
    return this.real?.localPort;
  }

  get localFamily(): string | undefined {
    return this.real?.localFamily;
  }

  get autoSelectFamilyAttemptedAddresses(): string[] | undefined {
    return this.real?.autoSelectFamilyAttemptedAddresses;
  }

  address(): AddressInfo | Record<string, never> {
    return (this.real?.address?.() ?? {}) as AddressInfo | Record<string, never>;
  }

  setKeepAlive(enable?: boolean, initialDelayMs?: number): this {
    this.socketSettings.keepAlive = [enable ?? false, initialDelayMs ?? 0];
    this.real?.setKeepAlive?.(enable, initialDelayMs);
    return this;
  }

  setNoDelay(noDelay = true): this {
    this.socketSettings.noDelay = noDelay;
    this.real?.setNoDelay?.(noDelay);
    return this;
  }

  ref(): this {
    this.socketSettings.unref = false;
    this.real?.ref?.();
    return this;
  }

  unref(): this {
    this.socketSettings.unref = true;
    this.real?.unref?.();
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    this.real?.resetAndDestroy?.();
    return this.destroy();
  }

  /** As in `net.Socket`: `timeout` is emitted after this long without a byte either way; 0 ends it. */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      const error = new RangeError(
        `The value of "msecs" is out of range. It must be a number from 0. Received ${timeoutMs}`,
      );
      throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
    }
    this.timeout = Math.min(timeoutMs, LONGEST_TIMEOUT_MS);
    if (this.timeout === 0) {
      this.endTimer();
      if (callback) this.removeListener('timeout', callback);
    } else {
      if (callback) this.once('timeout', callback);
      this.active(this.machine.now().monotonicMs);
    }
    return this;
  }

  /** @internal A byte went or came. */
  active(nowMs: number): void {
    this.#activeAt = nowMs;
    if (this.timeout === 0 || this.destroyed) return;
    if (this.#timer && this.#timer.dueMs <= nowMs + this.timeout) return;
    this.endTimer();
    this.#startTimer(this.timeout, nowMs);
  }

  /** The user is to be told of a timeout, by what is handed over. */
  protected abstract timedOut(tell: () => void): void;

  /** The timer is not moved with each byte; when it is due it looks whether there were any. */
  #startTimer(ms: number, nowMs: number): void {
    const end = this.machine.timer(ms, false, () => {
      this.#timer = undefined;
      const now = this.machine.now().monotonicMs;
      const leftMs = this.#activeAt + this.timeout - now;
      if (leftMs > 0) return this.#startTimer(leftMs, now);
      this.timedOut(() => this.emit('timeout'));
    });
    this.#timer = { end, dueMs: nowMs + ms };
  }

  protected endTimer(): void {
    this.#timer?.end();
    this.#timer = undefined;
  }
}

/** As in `net.Socket`: after the server's end a write fails with EPIPE, unless the user keeps the socket half open. */
function refuseWrites(this: Duplex): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd;
}

function writeAfterEnd(this: Duplex, chunk: unknown, ...rest: unknown[]): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, ...([chunk, ...rest] as [never, never]));
  const error = endedError();
  const done = rest.find((each) => typeof each === 'function') as ((error: Error) => void) | undefined;
  if (done) nextTick(done, error);
  this.destroy(error);
  return false;
}
