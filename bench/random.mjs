/**
 * Whole numbers in [low, high], the same for the same seed on every machine (mulberry32), so that each arm is paced alike.
 *
 * @param seed - Any integer.
 */
export function seededIntegers(seed, low, high) {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) % (high - low + 1));
  };
}
