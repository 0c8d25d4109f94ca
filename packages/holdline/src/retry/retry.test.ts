import { channel } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { FakeResponse, failure, hangUp, refusal, retryEvents, retryWorld, watch } from '../../test/retry-world.js';
import { settled } from '../testing/clock.js';
import type { Attempt } from './attempt.js';

/** An `fn` that does one thing after another, and notes when it was called. */
function script(now: () => number, ...steps: (() => unknown)[]) {
  const attempts: (Attempt & { readonly atMs: number })[] = [];
  const fn = async (attempt: Attempt): Promise<unknown> => {
    attempts.push({ ...attempt, atMs: now() });
    return steps[attempts.length - 1]?.();
  };
  return { attempts, fn, times: () => attempts.map(({ atMs }) => atMs) };
}

const fails = (error: Error) => () => {
  throw error;
};
const never = () => new Promise<never>(() => {});

describe('what may help and can do no harm is made again', () => {
  test('a refused connection: after a wait that doubles, until it is taken', async () => {
    const { retry, now, pass } = retryWorld();
    const { fn, times } = script(now, fails(refusal()), fails(refusal()), () => 'answer');
    const call = watch(retry(fn));
    await pass(99);
    expect(times()).toEqual([0]);
    await pass(1_000);
    expect(times()).toEqual([0, 100, 300]);
    expect(call.value).toBe('answer');
  });

  test('a 503, no earlier than its Retry-After', async () => {
    const { retry, now, pass } = retryWorld();
    const { fn, times } = script(
      now,
      () => new FakeResponse(503, { 'retry-after': '2' }),
      () => 'answer',
    );
    const call = watch(retry(fn, { idempotent: true }));
    await pass(10_000);
    expect(times()).toEqual([0, 2_100]);
    expect(call.value).toBe('answer');
  });

  test('what fn throws at once counts as a failed attempt', async () => {
    const { retry, pass } = retryWorld();
    let calls = 0;
    const call = watch(
      retry(() => {
        if (++calls === 1) throw refusal();
        return 'answer';
      }),
    );
    await pass(1_000);
    expect(call.value).toBe('answer');
  });

  test('each attempt has its number, the same key, and what is left of the time', async () => {
    const { retry, now, pass } = retryWorld();
    const { fn, attempts } = script(now, fails(hangUp()), fails(hangUp()), () => 'answer');
    watch(retry(fn, { key: 'auto', deadlineMs: 5_000 }));
    await pass(5_000);
    expect(attempts.map(({ number, key, remainingMs }) => ({ number, key, remainingMs }))).toEqual([
      { number: 1, key: 'key-1', remainingMs: 5_000 },
      { number: 2, key: 'key-1', remainingMs: 4_900 },
      { number: 3, key: 'key-1', remainingMs: 4_700 },
    ]);
  });

  test('another call has another key, unless the caller has its own', async () => {
    const { retry } = retryWorld();
    const key = (attempt: Attempt) => attempt.key;
    expect([await retry(key, { key: true }), await retry(key, { key: 'auto' })]).toEqual(['key-1', 'key-2']);
    expect([await retry(key, { key: 'order-7' }), await retry(key)]).toEqual(['order-7', undefined]);
  });
});

describe('what might run twice is not', () => {
  test('a hang-up without leave: its error is thrown at once, itself', async () => {
    const { retry, now } = retryWorld();
    const error = hangUp();
    const { fn, times } = script(now, fails(error));
    await expect(retry(fn)).rejects.toBe(error);
    expect(times()).toEqual([0]);
  });

  test('a 503 without leave: it is the result, unread', async () => {
    const { retry, now } = retryWorld();
    const response = new FakeResponse(503);
    const { fn } = script(now, () => response);
    expect(await retry(fn)).toBe(response);
    expect(response.drained).toBe(false);
  });

  for (const name of ['http.client.response.finish', 'undici:request:headers']) {
    test(`a connection refused after a redirect (${name}): the first request may have been executed`, async () => {
      const { retry, now, pass } = retryWorld();
      const redirected = () => {
        channel(name).publish({ response: { statusCode: 303 } });
        throw refusal();
      };
      const { fn, times } = script(now, redirected, () => 'answer');
      await expect(retry(fn)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      expect(times()).toEqual([0]);
      const harmless = watch(retry(script(now, redirected, () => 'answer').fn, { idempotent: true }));
      await pass(1_000);
      expect(harmless.value).toBe('answer');
    });
  }

  test('but a redirect of an earlier attempt, or of nobody, is no reason', async () => {
    const { retry, now, pass } = retryWorld();
    const responses = channel('http.client.response.finish');
    responses.publish({ response: { statusCode: 301 } });
    const notModified = () => {
      responses.publish({ response: { statusCode: 304 } });
      throw refusal();
    };
    const call = watch(retry(script(now, notModified, fails(refusal()), () => 'answer').fn));
    await pass(1_000);
    expect(call.value).toBe('answer');
    expect(responses.hasSubscribers).toBe(false);
  });
});

describe('when no further attempt is made', () => {
  test('the last error is thrown, itself, and nothing is said in it of the others', async () => {
    const { retry, now, pass } = retryWorld();
    const errors = [hangUp(), hangUp(), refusal()];
    const call = watch(retry(script(now, ...errors.map(fails)).fn, { idempotent: true, attempts: 3 }));
    await pass(10_000);
    expect(call.error).toBe(errors[2]);
    expect(Object.keys(errors[2] ?? {})).toEqual(['code', 'syscall']);
  });

  test('the last response is the result, unread; those before it were read to their ends', async () => {
    const { retry, now, pass } = retryWorld();
    const responses = [503, 429, 504].map((status) => new FakeResponse(status));
    const call = watch(
      retry(script(now, ...responses.map((response) => () => response)).fn, { idempotent: true, attempts: 3 }),
    );
    await pass(10_000);
    expect(call.value).toBe(responses[2]);
    expect(responses.map(({ drained }) => drained)).toEqual([true, true, false]);
  });

  test('a response that a client throws in its error is read to its end, too', async () => {
    const { retry, now, pass } = retryWorld();
    const [first, last] = [new FakeResponse(503), new FakeResponse(503)];
    const call = watch(
      retry(script(now, fails(failure('HTTP', { response: first })), fails(failure('HTTP', { response: last }))).fn, {
        idempotent: true,
        attempts: 2,
      }),
    );
    await pass(10_000);
    expect(call.error).toMatchObject({ response: last });
    expect([first.drained, last.drained]).toEqual([true, false]);
  });

  test('it is told how many attempts there were and why there is no other', async () => {
    const { retry, now, pass } = retryWorld();
    const events = retryEvents();
    const error = hangUp();
    watch(
      retry(script(now, () => new FakeResponse(503), fails(error)).fn, {
        idempotent: true,
        attempts: 2,
        origin: 'http://b:80',
      }),
    );
    await pass(10_000);
    expect(events).toEqual([
      {
        origin: 'http://b',
        attempt: 1,
        action: 'retry',
        reason: 'idempotent',
        delayMs: 100,
        status: 503,
        code: undefined,
        error: undefined,
        tookMs: 0,
      },
      {
        origin: 'http://b',
        attempt: 2,
        action: 'stop',
        reason: 'attempts-spent',
        delayMs: undefined,
        status: undefined,
        code: 'ECONNRESET',
        error,
        tookMs: 100,
      },
    ]);
    expect(events[1]?.error).toBe(error);
  });
});

describe("the caller's signal", () => {
  test('ends a wait at once, with its reason, and nothing is left of the call', async () => {
    const { retry, clock, now, pass } = retryWorld();
    const events = retryEvents();
    const abort = new AbortController();
    const { fn, times } = script(now, fails(refusal()), () => 'answer');
    const call = watch(retry(fn, { signal: abort.signal, deadlineMs: 60_000 }));
    await pass(50);
    const reason = new Error('no more');
    abort.abort(reason);
    await settled();
    expect(call.error).toBe(reason);
    expect(clock.pendingTimers).toBe(0);
    await pass(60_000);
    expect(times()).toEqual([0]);
    expect(events.at(-1)).toMatchObject({ action: 'stop', reason: 'aborted', attempt: 1 });
  });

  test('that was aborted before lets no attempt begin', async () => {
    const { retry, now } = retryWorld();
    const events = retryEvents();
    const { fn, times } = script(now, () => 'answer');
    const reason = new Error('no more');
    await expect(retry(fn, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(times()).toEqual([]);
    expect(events).toMatchObject([{ action: 'stop', reason: 'aborted', attempt: 0 }]);
  });

  test('reaches the attempt, and ends the call even if the attempt does not heed it; what comes late is discarded', async () => {
    for (const deadlineMs of [undefined, 60_000]) {
      const { retry } = retryWorld();
      const abort = new AbortController();
      let heard: unknown;
      let answerLate = (_: FakeResponse) => {};
      const late = new Promise<FakeResponse>((resolve) => {
        answerLate = resolve;
      });
      const call = watch(
        retry(
          ({ signal }) => {
            signal.addEventListener('abort', () => void (heard = signal.reason));
            return late;
          },
          { signal: abort.signal, idempotent: true, ...(deadlineMs !== undefined && { deadlineMs }) },
        ),
      );
      await settled();
      abort.abort('no more');
      await settled();
      expect([heard, call.error]).toEqual(['no more', 'no more']);
      const response = new FakeResponse(200);
      answerLate(response);
      await settled();
      expect(response.drained).toBe(true);
    }
  });

  test('that fn itself aborts ends the call, too', async () => {
    const { retry } = retryWorld();
    const abort = new AbortController();
    const call = retry(
      () => {
        abort.abort('no more');
        throw refusal();
      },
      { signal: abort.signal },
    );
    await expect(call).rejects.toBe('no more');
  });

  test('may be shared by many calls without a warning, and is left without a listener', async () => {
    const { retry, pass } = retryWorld();
    const { signal } = new AbortController();
    const calls = Array.from({ length: 30 }, () => {
      let attempts = 0;
      const fn = () => (++attempts === 1 ? Promise.reject(refusal()) : Promise.resolve('answer'));
      return retry(fn, { signal, deadlineMs: 60_000, budget: { burst: 100 } });
    });
    await settled();
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    await pass(1_000);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['answer']));
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });
});

describe('the deadline', () => {
  test('lets no wait begin that would not end before it: the last error is thrown at once', async () => {
    const { retry, clock, now } = retryWorld();
    const error = refusal();
    const call = watch(retry(script(now, fails(error)).fn, { deadlineMs: 100 }));
    await settled();
    expect(call.error).toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is heeded by a Retry-After, too: the response is the result', async () => {
    const { retry, now } = retryWorld();
    const response = new FakeResponse(503, { 'retry-after': '10' });
    expect(await retry(script(now, () => response).fn, { idempotent: true, deadlineMs: 5_000 })).toBe(response);
    expect(response.drained).toBe(false);
  });

  test('overtakes an attempt: its signal is aborted, and the error says what was being retried', async () => {
    const { retry, pass } = retryWorld();
    const events = retryEvents();
    const first = hangUp();
    let signal: AbortSignal | undefined;
    const call = watch(
      retry(
        (attempt) => {
          signal = attempt.signal;
          return attempt.number === 1 ? Promise.reject(first) : never();
        },
        { idempotent: true, deadlineMs: 5_000 },
      ),
    );
    await pass(4_999);
    expect([call.done, signal?.aborted]).toEqual([false, false]);
    await pass(1);
    expect(call.error).toMatchObject({
      name: 'TimeoutError',
      code: 'ETIMEDOUT',
      message: 'Holdline: the attempts took longer than deadlineMs (5000 ms)',
    });
    expect((call.error as Error).cause).toBe(first);
    expect(signal?.reason).toBe(call.error);
    expect(events.at(-1)).toMatchObject({ action: 'stop', reason: 'deadline', attempt: 2 });
  });

  test('that passed while the event loop stood still lets no attempt begin', async () => {
    const world = retryWorld();
    const { fn, times } = script(world.now, fails(refusal()), () => 'answer');
    world.lateMs = 5_000;
    const call = watch(world.retry(fn, { deadlineMs: 1_000 }));
    await world.pass(10_000);
    expect(times()).toEqual([0]);
    expect(call.error).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('the budget', () => {
  const origin = 'http://b:3000';
  const limits = { ratio: 0, perSecond: 0, burst: 2 };

  /** How many attempts a call makes whose every attempt is refused. */
  async function attemptsOf(world: ReturnType<typeof retryWorld>, options: object): Promise<number> {
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

describe('a client that Holdline does not know', () => {
  test('is read by the caller, for what the caller wants', async () => {
    const { retry, now, pass } = retryWorld();
    const { fn, times } = script(
      now,
      () => ({ busy: true }),
      fails(refusal()),
      () => ({ busy: false }),
    );
    const call = watch(
      retry(fn, {
        idempotent: true,
        read: (outcome) =>
          outcome.ok && (outcome.result as { busy: boolean }).busy
            ? { kind: 'status', status: 503, retryAfterMs: 1_000 }
            : undefined,
      }),
    );
    await pass(10_000);
    expect(times()).toEqual([0, 1_100, 1_300]);
    expect(call.value).toEqual({ busy: false });
  });

  test('whose reading fails rejects the call, and frees the connection', async () => {
    const { retry } = retryWorld();
    const response = new FakeResponse(200);
    const error = new Error('unreadable');
    await expect(retry(() => response, { read: fails(error) })).rejects.toBe(error);
    expect(response.drained).toBe(true);
  });
});

test('a mistake in the options, or no function, is a rejection like any other', async () => {
  const { retry } = retryWorld();
  await expect(retry(undefined as never)).rejects.toThrow('Holdline: fn is undefined; expected a function.');
  await expect(retry(() => 1, { attempts: -1 })).rejects.toThrow(TypeError);
});
