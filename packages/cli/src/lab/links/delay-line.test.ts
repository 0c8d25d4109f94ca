import { expect, test } from 'vitest';
import { monotonicMs } from '../../clock.js';
import { delayLine } from './delay-line.js';
import { realTiming } from './timing.js';

test('things arrive in the order in which they were put in, and not before they are due', async () => {
  const line = delayLine(realTiming);
  const beganMs = monotonicMs();
  const arrived: { index: number; early: boolean }[] = [];
  await new Promise<void>((resolve) => {
    for (let index = 0; index < 100; index++) {
      // Due times that differ by less than a timer can tell, and sometimes run backwards.
      const dueMs = beganMs + 5 + (index % 7) / 10;
      line.put(dueMs, () => {
        arrived.push({ index, early: monotonicMs() < dueMs - 1 });
        if (index === 99) resolve();
      });
    }
  });
  expect(arrived.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(arrived.some(({ early }) => early)).toBe(false);
});
