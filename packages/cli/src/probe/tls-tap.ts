import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock, Instant } from './clock.js';

/**
 * Lies between the TCP socket and TLS, so that a close_notify can be told from a FIN: TLS itself reports the same `end` for
 * both. After a close_notify it reports it before the tap has seen the FIN, for each read from the kernel is handled whole
 * before the next.
 */
export class TlsTap extends Duplex {
  readonly #raw: Socket;
  #heardAt: Instant;
  #finAt: Instant | undefined;

  constructor(raw: Socket, clock: Clock) {
    super();
    this.#raw = raw;
    this.#heardAt = clock.now();
    raw.on('data', (bytes: Buffer) => {
      this.#heardAt = clock.now();
      if (!this.push(bytes)) raw.pause();
    });
    raw.on('end', () => {
      this.#finAt = clock.now();
      this.push(null);
    });
    raw.on('close', () => this.destroy());
  }

  /** When the latest bytes came. */
  get heardAt(): Instant {
    return this.#heardAt;
  }

  /** When the FIN came; undefined if none has. */
  get finAt(): Instant | undefined {
    return this.#finAt;
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#raw.destroyed) done();
    else this.#raw.write(chunk, () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }
}
