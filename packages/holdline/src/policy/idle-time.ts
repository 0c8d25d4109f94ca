/** A moment on both clocks, in ms. Monotonic time stands still while a machine sleeps; wall time may be set back. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** When a response's bytes came. */
export interface ResponseTimes {
  readonly firstByte: Instant;
  readonly lastByte: Instant;
  readonly bytes: number;
}

/** Above this a response may still have been in buffers after the server had taken leave of it. */
const LARGE_RESPONSE_BYTES = 65_536;

/** The time between two moments, in ms, by the clock on which more of it has passed; never negative. */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(0, to.monotonicMs - from.monotonicMs, to.wallMs - from.wallMs);
}

/**
 * How long a connection has been idle in the server's eyes, in ms.
 *
 * The server's clock starts when its kernel has taken the response's last byte, which for a large response or a slow
 * reader is long before the client has read it. Such a response counts from its first byte.
 *
 * @param slowMs - A response that took longer than this is slow; the margin, in ms.
 */
export function idleTimeMs(response: ResponseTimes, slowMs: number, now: Instant): number {
  const drawnOut = response.bytes > LARGE_RESPONSE_BYTES || elapsedMs(response.firstByte, response.lastByte) > slowMs;
  return elapsedMs(drawnOut ? response.firstByte : response.lastByte, now);
}
