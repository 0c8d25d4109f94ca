import { describe, expect, it } from 'vitest';
import { scenarioOf } from '../../test/model/scenario.js';
import { walk } from '../testing/index.js';

describe('in every order', () => {
  for (const [name, plan] of Object.entries({
    get: { method: 'GET' as const, waits: 1 },
    post: { method: 'POST' as const, waits: 1 },
  })) {
    it(name, async () => {
      const t = performance.now();
      let ends = 0;
      const runs = await walk(
        scenarioOf(plan, () => void ends++),
        300_000,
      );
      console.log(name, runs, ends, performance.now() - t);
      expect(runs).toBeGreaterThan(10);
    }, 200_000);
  }
});
