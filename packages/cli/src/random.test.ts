import { describe, expect, test } from 'vitest';
import { evenlySpread, seededRandom } from './random.js';

const draw = (seed: number, stream?: number) => {
  const random = seededRandom(seed, stream);
  return Array.from({ length: 50 }, () => random.next());
};

describe('seededRandom', () => {
  test('gives the same numbers for the same seed and stream, and others for others', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
  });

  test('stays within [0, 1) and is about even', () => {
    const random = seededRandom(7);
    const numbers = Array.from({ length: 10_000 }, () => random.next());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
  });
});

test('evenlySpread fills every tenth of the range within twenty numbers, wherever it starts', () => {
  for (const start of [0, 0.3, 0.999]) {
    const next = evenlySpread(start);
    const tenths = new Set(Array.from({ length: 20 }, () => Math.floor(next() * 10)));
    expect(tenths.size).toBe(10);
  }
});
