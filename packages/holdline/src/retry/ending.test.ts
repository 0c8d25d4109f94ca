import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  FakeResponse,
  fails,
  hangUp,
  refusal,
  retryEvents,
  retryWorld,
  script,
  watch,
} from '../../test/retry-world.js';
import { settled } from '../testing/clock.js';

const never = () => new Promise<never>(() => {});

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
      let answerLate: ((response: FakeResponse) => void) | undefined;
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
      answerLate?.(response);
      await settled();
      expect(response.drained).toBe(true);
    }
  });

  test('that fn itself aborts ends the call, too, whatever fn then does', async () => {
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
    const again = new AbortController();
    const hanging = retry(
      () => {
        again.abort('no more');
        return never();
      },
      { signal: again.signal },
    );
    await expect(hanging).rejects.toBe('no more');
  });

  test('that comes just after a response frees the response, unless it is an answer', async () => {
    for (const statusCode of [503, 200]) {
      const { retry } = retryWorld();
      const abort = new AbortController();
      const response = new FakeResponse(statusCode);
      const read = () => {
        abort.abort('no more');
        return undefined;
      };
      const call = watch(retry(() => response, { idempotent: true, signal: abort.signal, read }));
      await settled();
      expect(statusCode === 200 ? call.value : call.error).toBe(statusCode === 200 ? response : 'no more');
      expect(response.drained).toBe(statusCode === 503);
    }
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

  test('has passed when its timer says so, even if the clock is a moment behind', async () => {
    const world = retryWorld();
    const events = retryEvents();
    world.lateMs = -1;
    const call = watch(world.retry(never, { deadlineMs: 1_000 }));
    await world.pass(999);
    expect(call.error).toMatchObject({ name: 'TimeoutError' });
    expect(events).toMatchObject([{ reason: 'deadline' }]);
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
