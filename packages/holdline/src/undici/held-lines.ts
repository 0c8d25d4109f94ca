import type { Dial } from '../line/connection.js';
import { Line, type LineOptions } from '../line/line.js';
import type { Origin } from '../line/origin.js';
import { TlsLine } from '../line/tls-line.js';
import { Hold, type IdleMs } from './hold.js';

/** A Line that undici holds. */
export class HeldLine extends Line {
  readonly #hold: Hold;

  constructor(origin: Origin, dial: Dial, options: LineOptions, idleMs?: IdleMs) {
    super(origin, dial, options);
    this.#hold = new Hold(this, origin, this.machine, idleMs);
  }

  override get mayPipeline(): boolean {
    return this.#hold.mayPipeline;
  }

  override get knowsNodesWords(): boolean {
    return false;
  }

  override ref(): this {
    super.ref();
    this.#hold.some();
    return this;
  }

  override unref(): this {
    super.unref();
    this.#hold.none();
    return this;
  }
}

/** The same over TLS. */
export class HeldTlsLine extends TlsLine {
  readonly #hold: Hold;

  constructor(origin: Origin, dial: Dial, options: LineOptions, idleMs?: IdleMs) {
    super(origin, dial, options);
    this.#hold = new Hold(this, origin, this.machine, idleMs);
  }

  override get mayPipeline(): boolean {
    return this.#hold.mayPipeline;
  }

  override get knowsNodesWords(): boolean {
    return false;
  }

  override ref(): this {
    super.ref();
    this.#hold.some();
    return this;
  }

  override unref(): this {
    super.unref();
    this.#hold.none();
    return this;
  }
}
