import * as fc from 'fast-check';
import { it } from 'vitest';
import type { Plan, RequestPlan } from '../../test/model/plan.js';
import { scenarioOf } from '../../test/model/scenario.js';
import { channels } from '../events/channels.js';
import { walkAlong } from '../testing/index.js';

const request: fc.Arbitrary<RequestPlan> = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  keyed: fc.boolean(),
  writes: fc.constantFrom(1, 2),
});

const clientEvent = fc.constantFrom('data', 'end', 'error', 'close', 'timeout', 'written');

const anyPlan: fc.Arbitrary<Plan> = fc.record(
  {
    requests: fc.array(request, { minLength: 1, maxLength: 5 }),
    renews: fc.constant(true),
    smallSteps: fc.constant(true),
    primed: fc.boolean(),
    siblings: fc.nat({ max: 2 }),
    given: fc.boolean(),
    hasty: fc.boolean(),
    ahead: fc.boolean(),
    aborts: fc.nat({ max: 2 }),
    abortsOn: fc.oneof(clientEvent, fc.constantFrom(...Object.values(channels))),
    halfCloses: fc.boolean(),
    timeoutMs: fc.constantFrom(12, 6_000),
    onTimeout: fc.constantFrom('destroys', 'ignores'),
    waitsMs: fc.array(fc.constantFrom(1, 8, 16, 100, 1_000, 4_000, 10_000), { maxLength: 8 }),
    jumps: fc.nat({ max: 2 }),
    ends: fc.subarray(['close', 'reset', 'half-close', '408'], { minLength: 1 }),
    splitAfterBytes: fc.constantFrom(1, 20),
    actsOnHead: fc.boolean(),
    hints: fc.boolean(),
    ignoresKeys: fc.boolean(),
    sendBufferBytes: fc.constantFrom(20, 70),
    options: fc.record({
      mode: fc.constantFrom('on', 'on', 'on', 'cutoff', 'observe'),
      replay: fc.constantFrom('safe', 'safe', 'evidence', 'likely', 'never'),
    }),
  },
  { requiredKeys: ['requests', 'renews', 'smallSteps'] },
);

const RUNS = process.env['HOLDLINE_TEST_FULL'] === '1' ? 50_000 : 500;

it('requests one after another keep what was promised, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, fc.array(fc.nat({ max: 10_000 }), { maxLength: 200 }), (plan, numbers) =>
      walkAlong(scenarioOf(plan), numbers),
    ),
    { numRuns: RUNS },
  );
}, 600_000);
