/** Some 7 000 sockets; to read of fewer costs little. */
const LARGE_BYTES = 1024 * 1024;
/** A reading that takes longer is felt by every request of the process: there is one a minute. */
const LONG_MS = 50;
const REST_AFTER_LONG_MS = 60_000;

/**
 * How much of the time may go into reading the kernel's table of connections. It takes some 3 µs for each socket of the
 * host, so where there are tens of thousands, evidence that is missed now and then costs less than an event loop that
 * stands still.
 */
export class ReadingAllowance {
  #restUntilMs = Number.NEGATIVE_INFINITY;

  /** @param share - The most of the time that may be spent on a large table, from 0 to 1. */
  constructor(private readonly share: number) {}

  /** Whether there may be another reading. */
  allows(nowMs: number): boolean {
    return nowMs >= this.#restUntilMs;
  }

  /** A reading has ended. */
  spent(bytes: number, beganMs: number, nowMs: number): void {
    if (bytes <= LARGE_BYTES) return;
    const tookMs = nowMs - beganMs;
    this.#restUntilMs = tookMs > LONG_MS ? nowMs + REST_AFTER_LONG_MS : beganMs + tookMs / this.share;
  }
}
