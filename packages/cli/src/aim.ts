import { evenlySpread, type Random } from './random.js';

/**
 * A pause after which a request crosses B's close about every other time. Seen from A, the two cross if the pause is
 * shorter than the idle limit by less than a round trip; half a round trip to both sides leaves room for a busy machine.
 */
export function aimAt(roundTripMs: number, random: Random): (idleLimitMs: number) => number {
  const spread = evenlySpread(random.next());
  return (idleLimitMs) => Math.max(1, idleLimitMs - roundTripMs * 1.5 + spread() * roundTripMs * 2);
}
