import { channel } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import {
  FakeResponse,
  fails,
  failure,
  hangUp,
  refusal,
  retryEvents,
  retryWorld,
  script,
  watch,
} from '../../test/retry-world.js';
import type { Attempt } from './attempt.js';

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

test('a result that cannot be looked at is given all the same', async () => {
  const { retry } = retryWorld();
  const shy = Object.defineProperty({}, 'body', {
    get: () => {
      throw new Error('not now');
    },
  });
  expect(await retry(() => shy, { signal: new AbortController().signal, deadlineMs: 1_000 })).toBe(shy);
});

test('a mistake in the options, or no function, is a rejection like any other', async () => {
  const { retry } = retryWorld();
  await expect(retry(undefined as never)).rejects.toThrow('Holdline: fn is undefined; expected a function.');
  await expect(retry(() => 1, { attempts: -1 })).rejects.toThrow(TypeError);
});
