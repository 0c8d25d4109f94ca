import { expect, test } from 'vitest';
import { POOLS } from './pools.js';

test('each pool says how long it keeps an idle connection, and where that is from', () => {
  for (const [name, { idleMs, source }] of Object.entries(POOLS)) {
    expect(idleMs % 1000, name).toBe(0);
    expect(idleMs, name).toBeGreaterThanOrEqual(1_000);
    expect(source, name).toMatch(/^https:\/\/\S+ \(.*\d+ ?s?.*\)$|\(.*\d.*\)$/);
  }
});
