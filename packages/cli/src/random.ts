/** A source of numbers in [0, 1) that gives the same numbers for the same seed. */
export interface Random {
  /** The next number in [0, 1). */
  next(): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/**
 * A seeded source of numbers (mulberry32: small, fast, and good enough to spread requests).
 *
 * @param seed - Any integer; the same seed gives the same numbers on every machine.
 * @param stream - Gives independent numbers for the same seed, for example one stream for each caller.
 */
export function seededRandom(seed: number, stream = 0): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
  };
}

/**
 * Numbers in [0, 1) that fill the range evenly from the first few on (golden-ratio sequence). Where a plain random
 * source could by bad luck miss a narrow range altogether, this one cannot.
 */
export function evenlySpread(start: number): () => number {
  let last = start % 1;
  return () => {
    last = (last + 0.618_033_988_749_895) % 1;
    return last;
  };
}
