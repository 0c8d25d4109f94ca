import * as fc from 'fast-check';
import { it } from 'vitest';
import type { Plan, RequestPlan } from '../../test/model/plan.js';
import { scenarioOf } from '../../test/model/scenario.js';
import { walkAlong } from '../testing/index.js';

const requests: fc.Arbitrary<RequestPlan> = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  keyed: fc.boolean(),
  writes: fc.constantFrom(1, 2),
});

const plans: fc.Arbitrary<Plan> = fc.record({
  requests: fc.array(requests, { minLength: 1, maxLength: 5 }),
  renews: fc.constant(true),
  smallSteps: fc.constant(true),
  hasty: fc.boolean(),
  ahead: fc.boolean(),
  aborts: fc.nat({ max: 2 }),
  onTimeout: fc.constantFrom('destroys', 'ignores'),
  timeoutMs: fc.constantFrom(0, 12, 6_000),
  splitAnswer: fc.boolean(),
  primed: fc.boolean(),
  ends: fc.subarray(['close', 'reset', 'half-close', '408'], { minLength: 1 }),
  waitsMs: fc.array(fc.constantFrom(1, 8, 16, 100, 1_000, 4_000, 10_000), { maxLength: 8 }),
  jumps: fc.nat({ max: 2 }),
  actsOnHead: fc.boolean(),
  options: fc.record({
    mode: fc.constantFrom('on', 'on', 'on', 'cutoff', 'observe'),
    replay: fc.constantFrom('safe', 'safe', 'evidence', 'likely', 'never'),
  }),
});

const RUNS = process.env['HOLDLINE_TEST_FULL'] === '1' ? 20_000 : 1_000;

it('requests one after another keep what was promised, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.array(fc.nat({ max: 10_000 }), { maxLength: 200 }), (plan, numbers) =>
      walkAlong(scenarioOf(plan), numbers),
    ),
    { numRuns: RUNS },
  );
}, 300_000);
