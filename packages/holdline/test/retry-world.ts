import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import { channels, type RetryEvent } from '../src/events/channels.js';
import type { Attempt } from '../src/retry/attempt.js';
import { makeWithRetry, type WithRetry } from '../src/retry/fetch.js';
import { type MakeRetryInterceptor, makeRetryInterceptor } from '../src/retry/interceptor.js';
import type { RetryMachine } from '../src/retry/machine.js';
import { makeRetry, type Retry } from '../src/retry/retry.js';
import { settled, VirtualClock } from '../src/testing/clock.js';

/** A retry in virtual time, with budgets of its own. */
export interface RetryWorld {
  readonly clock: VirtualClock;
  readonly machine: RetryMachine;
  readonly retry: Retry;
  readonly withRetry: WithRetry;
  readonly retryInterceptor: MakeRetryInterceptor;
  /** Since the world began, in ms. */
  now(): number;
  /** Lets what is pending be done, and then time pass. */
  pass(ms: number): Promise<void>;
  /** How late the event loop runs: each timer that is set fires this much later than asked, in ms. */
  lateMs: number;
}

/** @param random - Each jitter, as a share of its bound. */
export function retryWorld(random = 0.5): RetryWorld {
  const clock = new VirtualClock();
  const beganMs = clock.now().monotonicMs;
  let keys = 0;
  const machine: RetryMachine = {
    now: () => clock.now(),
    timer: (ms, _ref, run) => clock.timer(ms + world.lateMs, run),
    random: () => random,
    uuid: () => `key-${++keys}`,
  };
  const world: RetryWorld = {
    clock,
    machine,
    retry: makeRetry(machine),
    withRetry: makeWithRetry(machine),
    retryInterceptor: makeRetryInterceptor(machine),
    now: () => clock.now().monotonicMs - beganMs,
    pass: async (ms) => {
      await settled();
      await clock.advance(ms);
    },
    lateMs: 0,
  };
  return world;
}

/** An error as a client's. */
export function failure(code: string, more: object = {}): Error {
  return Object.assign(new Error(code), { code, ...more });
}

export const refusal = (): Error => failure('ECONNREFUSED', { syscall: 'connect' });
export const hangUp = (): Error => failure('ECONNRESET');

/** A response that knows whether it was read to its end. */
export class FakeResponse {
  drained = false;
  constructor(
    readonly statusCode: number,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
  on(): this {
    return this;
  }
  resume(): this {
    this.drained = true;
    return this;
  }
}

/** What retries tell while the test runs. */
export function retryEvents(): RetryEvent[] {
  const events: RetryEvent[] = [];
  const hear = (event: unknown) => void events.push(event as RetryEvent);
  subscribe(channels.retry, hear);
  onTestFinished(() => void unsubscribe(channels.retry, hear));
  return events;
}

/** What a promise came to, once it has. */
export interface Settled<Value> {
  value?: Value;
  error?: unknown;
  done: boolean;
}

export function watch<Value>(promise: Promise<Value>): Settled<Value> {
  const what: Settled<Value> = { done: false };
  void promise.then(
    (value) => Object.assign(what, { value, done: true }),
    (error: unknown) => Object.assign(what, { error, done: true }),
  );
  return what;
}

/** An `fn` that does one thing after another, and notes when it was called. */
export function script(now: () => number, ...steps: (() => unknown)[]) {
  const attempts: (Attempt & { readonly atMs: number })[] = [];
  const fn = async (attempt: Attempt): Promise<unknown> => {
    attempts.push({ ...attempt, atMs: now() });
    return steps[attempts.length - 1]?.();
  };
  return { attempts, fn, times: () => attempts.map(({ atMs }) => atMs) };
}

/** A step that fails. */
export const fails = (error: Error) => (): never => {
  throw error;
};
