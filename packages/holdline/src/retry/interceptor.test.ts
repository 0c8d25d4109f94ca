import { describe, expect, test } from 'vitest';
import { hangUp, refusal, retryEvents, retryWorld } from '../../test/retry-world.js';
import type { RetryInterceptorOptions } from './interceptor.js';
import type { DispatchController, DispatchHandler, DispatchOptions, OldHandler } from './undici.js';

/** A connection's controller, as undici makes one for each attempt. */
class FakeController implements DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  rawHeaders: unknown = null;
  rawTrailers: unknown = null;
  constructor(private readonly onAbort: (reason: Error) => void) {}
  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.onAbort(reason);
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

/** An attempt that undici was asked to make. */
class FakeAttempt {
  readonly controller = new FakeController((reason) => this.handler.onResponseError?.(this.controller, reason));
  constructor(
    readonly options: DispatchOptions,
    readonly handler: DispatchHandler,
    readonly atMs: number,
  ) {}
  start(): this {
    this.handler.onRequestStart?.(this.controller, undefined);
    return this;
  }
  head(status: number, headers = {}): this {
    this.handler.onResponseStart?.(this.controller, status, headers, '');
    return this;
  }
  data(bytes: number): this {
    this.handler.onResponseData?.(this.controller, Buffer.alloc(bytes));
    return this;
  }
  end(): void {
    this.handler.onResponseEnd?.(this.controller, {});
  }
  fail(error: Error): void {
    this.handler.onResponseError?.(this.controller, error);
  }
}

/** A dispatcher that does what the test says, and a caller that notes what it is told. */
function interceptorWorld(options: RetryInterceptorOptions = {}) {
  const { retryInterceptor, now, pass, clock } = retryWorld();
  const events = retryEvents();
  const attempts: FakeAttempt[] = [];
  const told: string[] = [];
  let controller: DispatchController | undefined;
  const dispatch = retryInterceptor(options)((request: DispatchOptions, handler: DispatchHandler) => {
    attempts.push(new FakeAttempt(request, handler, now()));
    return true;
  });
  const handler: DispatchHandler = {
    onRequestStart: (given) => {
      controller = given;
      told.push('start');
    },
    onResponseStart: (_controller, status) => void told.push(`head ${status}`),
    onResponseData: (_controller, { byteLength }) => void told.push(`data ${byteLength}`),
    onResponseEnd: () => void told.push('end'),
    onResponseError: (_controller, { message }) => void told.push(`error ${message}`),
  };
  const send = (more: DispatchOptions & { path?: string } = {}) =>
    dispatch({ origin: 'http://b:3000', method: 'GET', path: '/', ...more } as DispatchOptions, handler);
  const last = () => {
    const attempt = attempts.at(-1);
    if (!attempt) throw new Error('nothing was dispatched');
    return attempt;
  };
  return { send, attempts, last, told, events, pass, clock, controller: () => controller };
}

test('the caller is told of one request, whatever it took', async () => {
  const { send, last, attempts, told, pass } = interceptorWorld();
  send();
  last().start().fail(hangUp());
  await pass(1_000);
  last().start().head(503).data(10).end();
  await pass(1_000);
  last().start().head(200).data(2).end();
  expect(told).toEqual(['start', 'head 200', 'data 2', 'end']);
  expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 100, 1_200]);
});

describe('nothing is left', () => {
  const ends: Readonly<Record<string, (world: ReturnType<typeof interceptorWorld>) => Promise<void> | void>> = {
    'of a request that was answered': ({ last }) => last().start().head(200).end(),
    'of one that failed': ({ last }) => last().start().fail(new Error('no')),
    'of one that was aborted while it ran': ({ last, controller }) => {
      last().start();
      controller()?.abort(new Error('no more'));
    },
    'of one that was aborted while it waited': async ({ last, controller, pass }) => {
      last().fail(refusal());
      await pass(1);
      controller()?.abort(new Error('no more'));
    },
    'of one whose time was over': ({ pass }) => pass(60_000),
    'of a response that nobody will see': async ({ last, pass }) => {
      last().start().head(503).end();
      await pass(200);
      last().start().head(200).end();
    },
  };
  for (const [name, end] of Object.entries(ends)) {
    test(name, async () => {
      const world = interceptorWorld({ deadlineMs: 60_000 });
      world.send();
      await end(world);
      expect(world.clock.pendingTimers).toBe(0);
      const before = [...world.told];
      const { length } = world.attempts;
      await world.pass(120_000);
      for (const attempt of world.attempts) attempt.fail(new Error('late'));
      expect([world.told.length - before.length <= 1, world.attempts.length]).toEqual([true, length]);
    });
  }
});

describe('a response that nobody will see', () => {
  test('is ended when too much of it has come', async () => {
    const { send, last } = interceptorWorld();
    send();
    const attempt = last().start().head(503).data(131_072);
    expect(attempt.controller.aborted).toBe(false);
    attempt.data(1);
    expect(attempt.controller.aborted).toBe(true);
  });

  test('is ended when it takes too long, and nobody waits for it', async () => {
    const { send, attempts, last, pass } = interceptorWorld();
    send();
    const attempt = last().start().head(503);
    await pass(999);
    expect([attempt.controller.aborted, attempts.length]).toEqual([false, 2]);
    await pass(1);
    expect(attempt.controller.aborted).toBe(true);
  });
});

describe('the caller aborts', () => {
  test('a request that waits for a connection again: at once, and it is not sent when there is one', async () => {
    const { send, last, told, events, pass, controller } = interceptorWorld();
    send();
    last().start().fail(hangUp());
    await pass(100);
    controller()?.abort(new Error('no more'));
    expect(told).toEqual(['start', 'error no more']);
    expect(last().start().controller.aborted).toBe(true);
    expect(told).toEqual(['start', 'error no more']);
    expect(events.at(-1)).toMatchObject({ action: 'stop', reason: 'aborted', attempt: 2 });
  });

  test('a response that was given: its connection, whatever came before', async () => {
    const { send, last, told, pass, controller } = interceptorWorld();
    send();
    last().start().head(503).end();
    await pass(100);
    last().start().head(200);
    controller()?.abort(new Error('no more'));
    expect([told, last().controller.aborted]).toEqual([['start', 'head 200', 'error no more'], true]);
  });
});

test('the deadline is for all attempts, and ends with the head of the response', async () => {
  const { send, last, told, pass } = interceptorWorld({ deadlineMs: 500 });
  send();
  last().start().fail(hangUp());
  await pass(400);
  last().start();
  await pass(100);
  expect(told).toEqual(['start', 'error Holdline: the attempts took longer than deadlineMs (500 ms)']);
  const given = interceptorWorld({ deadlineMs: 500 });
  given.send();
  given.last().start().head(200);
  await given.pass(1_000);
  given.last().end();
  expect(given.told).toEqual(['start', 'head 200', 'end']);
});

test('requests that name no origin have that of the option', async () => {
  const origins = { 'http://b:3000': { idempotencyKeys: true } };
  const { send, last } = interceptorWorld({ origin: 'http://B:3000', origins, idempotencyKey: 'auto' });
  send({ origin: undefined, method: 'POST' });
  expect(last().options.headers).toEqual({ 'idempotency-key': 'key-1' });
  const without = interceptorWorld({ origins, idempotencyKey: 'auto' });
  without.send({ origin: undefined, method: 'POST' });
  expect(without.last().options.headers).toBeUndefined();
});

test('a dispatcher that throws fails the request', async () => {
  const error = new Error('no');
  const dispatch = retryWorld().retryInterceptor()((_options: DispatchOptions, _handler: DispatchHandler): boolean => {
    throw error;
  });
  const told: Error[] = [];
  const onResponseError = (_controller: unknown, given: Error) => void told.push(given);
  dispatch({ method: 'GET' }, { onRequestStart: () => {}, onResponseError });
  expect(told).toEqual([error]);
});

test('a mistake in the options is thrown at once', () => {
  const { retryInterceptor } = retryWorld();
  expect(() => retryInterceptor({ maxRetries: 5 } as object)).toThrow(
    /maxRetries is 5; expected only attempts, .*origin\.$/,
  );
  expect(() => retryInterceptor({ origin: 'b' })).toThrow("Holdline: origin is 'b'; expected an origin such as ");
});

describe('a handler of undici 6', () => {
  /** As undici 6 speaks to what it is given. */
  function oldWorld() {
    const { retryInterceptor, pass } = retryWorld();
    const given: Required<OldHandler>[] = [];
    const told: unknown[] = [];
    const aborted: unknown[] = [];
    let resume: (() => void) | undefined;
    const dispatch = retryInterceptor()((_options: DispatchOptions, handler: OldHandler) => {
      given.push(handler as Required<OldHandler>);
      handler.onConnect?.((reason) => void aborted.push(reason));
      return true;
    });
    dispatch({ method: 'GET', origin: 'http://b' }, {
      onConnect: () => void told.push('connect'),
      onHeaders: (status: number, raw: unknown, resumeIt: () => void) => {
        resume = resumeIt;
        told.push(status, raw);
        return status >= 200; // as the built-in fetch does
      },
      onData: () => false,
      onComplete: (raw: unknown) => void told.push(raw),
      onError: (error: Error) => void told.push(error),
    } as OldHandler);
    return { given, told, aborted, pass, resume: () => resume?.() };
  }
  const raw = ['Retry-After', '0', 'X-A', 'a', 'x-a', 'b'].map((each) => Buffer.from(each));

  test('is told what it understands, as it came', async () => {
    const { given, told, pass, resume } = oldWorld();
    expect(given[0]?.onHeaders(503, raw, () => {}, '')).toBe(true);
    given[0]?.onComplete([]);
    await pass(1_000);
    let resumed = 0;
    given[1]?.onHeaders(103, [], () => {}, '');
    expect(given[1]?.onHeaders(200, raw, () => resumed++, '')).toBe(true);
    expect(given[1]?.onData(Buffer.alloc(1))).toBe(false);
    resume();
    expect(resumed).toBe(1);
    given[1]?.onComplete(raw);
    expect(told).toEqual(['connect', 103, [], 200, raw, raw]);
  });

  test('is told of a failure', async () => {
    const { given, told } = oldWorld();
    const error = new Error('no');
    given[0]?.onError(error);
    expect(told).toEqual(['connect', error]);
  });
});
