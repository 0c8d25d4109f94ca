import { expect, test } from 'vitest';
import { halves } from './arms.js';
import { judge } from './criteria.js';
import type { ArmResult } from './summary.js';

const quiet = {
  ...{ sent: 100, answered: 100, hungUp: 0, hungUpExecuted: 0, hungUpNotExecuted: 0, hungUpUnexplained: 0 },
  ...{ surfacedBy: {}, failed: 0, silent: 0, replayedBy: {}, retried: 0, lost: 0, connects: 9, crossings: 0 },
  executedTwice: { GET: 0, POST: 0, 'keyed POST': 0 },
  latencyMs: { p50: 17, p99: 37 },
};

/** The criteria that fail if A as it is hung up, Holdline did all that it promises, and one arm is changed. */
function failedWith(changed: string, change: Partial<ArmResult>): string[] {
  const results = halves.map(({ id, arms }) => ({
    id,
    arms: arms.map((arm) => ({
      ...{ ...arm, ...quiet, hungUp: arm.sending === 'pooled' ? 15 : 0 },
      ...(arm.id === changed && change),
    })),
  }));
  const planned = Object.fromEntries(results.flatMap(({ arms }) => arms.map(({ id }) => [id, 100])));
  return judge(results, planned).flatMap(({ holds, name }) => (holds ? [] : [name]));
}

const twice = (POST: number, keyed = 0) => ({ executedTwice: { GET: 9, POST, 'keyed POST': keyed } });

test('all criteria hold where A hung up and Holdline did what it promises', () => {
  expect(failedWith('none', {})).toEqual([]);
});

test.each([
  ['complete', 'own-rule-1', { sent: 99 }],
  ['a-hangs-up', 'own-as-it-is', { hungUp: 0 }],
  ['nothing-lost', 'own-holdline', { lost: 1 }],
  ['nothing-lost', 'foreign-holdline', { silent: 1 }],
  ['no-other-errors', 'foreign-holdline', { failed: 1 }],
  ['never-twice', 'foreign-holdline', twice(1)],
  ['explained', 'foreign-holdline', { hungUpUnexplained: 1 }],
])('%s fails by %s', (name, arm, change) => {
  expect(failedWith(arm, change)).toEqual([name]);
});

test.each([
  ['a blind retry may execute twice', 'foreign-blind-retry', twice(99)],
  ['rule 1 alone may hang up without a reason', 'foreign-rule-1', { hungUpUnexplained: 99 }],
  ['Holdline may let hang-ups through that say why', 'foreign-holdline', { hungUpNotExecuted: 99 }],
  ['Holdline may have a GET executed twice', 'foreign-holdline', twice(0)],
])('%s', (_what, arm, change) => {
  expect(failedWith(arm, change)).toEqual([]);
});
