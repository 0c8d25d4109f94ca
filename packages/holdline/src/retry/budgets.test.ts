import { describe, expect, test } from 'vitest';
import { type RetryWorld, refusal, retryWorld, watch } from '../../test/retry-world.js';

describe('the budget', () => {
  const origin = 'http://b:3000';
  const limits = { ratio: 0, perSecond: 0, burst: 2 };

  /** How many attempts a call makes whose every attempt is refused. */
  async function attemptsOf(world: RetryWorld, options: object): Promise<number> {
    let attempts = 0;
    const call = watch(
      world.retry(
        () => {
          attempts++;
          return Promise.reject(refusal());
        },
        { attempts: 10, ...options },
      ),
    );
    await world.pass(100_000);
    expect(call.error).toMatchObject({ code: 'ECONNREFUSED' });
    return attempts;
  }

  test('is shared by all calls to an origin, and by no other', async () => {
    const world = retryWorld();
    const of = (name: string) => attemptsOf(world, { origin: name, budget: limits });
    expect([await of(origin), await of('http://B:3000/'), await of('http://c')]).toEqual([3, 1, 3]);
  });

  test('is shared by the calls that name no origin', async () => {
    const world = retryWorld();
    const unnamed = () => attemptsOf(world, { budget: limits });
    expect([await unnamed(), await unnamed(), await attemptsOf(world, { origin, budget: limits })]).toEqual([3, 1, 3]);
  });

  test('is earned by calls: of five, one may be retried', async () => {
    const world = retryWorld();
    const budget = { ratio: 0.2, perSecond: 0, burst: 1 };
    expect(await attemptsOf(world, { origin, budget })).toBe(2);
    for (let call = 0; call < 4; call++) await world.retry(() => 'answer', { origin, budget });
    expect(await attemptsOf(world, { origin, budget })).toBe(2);
    expect(await attemptsOf(world, { origin, budget })).toBe(1);
  });

  test('of its own by default lets ten retries a second through, whatever the traffic', async () => {
    const world = retryWorld(0);
    let retries = 0;
    for (let second = 0; second < 40; second++) {
      for (let call = 0; call < 10; call++) {
        watch(
          world.retry(
            ({ number }) => {
              if (number > 1) retries++;
              return Promise.reject(refusal());
            },
            { origin, attempts: 4, baseDelayMs: 0, budget: { ratio: 0 } },
          ),
        );
      }
      await world.pass(1_000);
    }
    expect(retries).toBeGreaterThanOrEqual(100 + 39 * 10 - 1);
    expect(retries).toBeLessThanOrEqual(100 + 40 * 10);
  });
});
