import { fail } from '../checks.js';
import type { Attempt, Begin, KeyedAttempt } from './attempt.js';
import { Budgets, processBudgets } from './budgets.js';
import { Call } from './call.js';
import { nodeMachine, type RetryMachine } from './machine.js';
import { type RetryOptions, settleRetry } from './options.js';

/** {@link retry}, as a type. */
export interface Retry {
  <Result>(
    fn: (attempt: KeyedAttempt) => Result | PromiseLike<Result>,
    options: RetryOptions<Awaited<Result>> & { readonly key: string | true },
  ): Promise<Awaited<Result>>;
  <Result>(
    fn: (attempt: Attempt) => Result | PromiseLike<Result>,
    options?: RetryOptions<Awaited<Result>>,
  ): Promise<Awaited<Result>>;
}

/** Makes a {@link retry} with a machine and budgets of its own. */
export function makeRetry(machine: RetryMachine, budgets = new Budgets()): Retry {
  return async <Result>(
    fn: (attempt: KeyedAttempt) => Result | PromiseLike<Result>,
    options: RetryOptions<Awaited<Result>> = {},
  ): Promise<Awaited<Result>> => {
    if (typeof fn !== 'function') fail('fn', fn, 'a function');
    const settings = settleRetry(options, () => machine.uuid());
    return new Call(fn as Begin<Awaited<Result>>, settings, machine, budgets).run();
  };
}

/**
 * Makes a request, and makes it again, after a while, for as long as that can do no harm and may help: where the
 * connection was refused or timed out, where it hung up, and where the response's status is 408, 425, 429, 502, 503 or
 * 504. It is for what the one replay of a Holdline agent does not cover, and works with every client.
 *
 * Waits grow exponentially, with full jitter, after a `Retry-After` where there is one. Retries have a bound for each
 * call (`attempts`), for all calls to an origin (`budget`), and in time (`deadlineMs`).
 *
 * A request that is neither `idempotent` nor has a `key` is made again only after a failure which shows that the server
 * never got it: the name was not resolved, the kernel's connect failed, or a {@link HangUpError} says `unsent` or
 * `undelivered`. A *client's* connect timeout does not show it, nor does any status; and nothing does if a redirect was
 * seen in the process meanwhile.
 *
 * When no further attempt is made, the last response is the result, or the last error is thrown, as the client gave it;
 * how many attempts there were and why there is no other, the channel `holdline:retry` tells ({@link RetryEvent}).
 * Responses that are not given are read to their end or cancelled, so that their connections are free.
 *
 * Gotchas: `fn` makes *one* request, with a body made anew each time, and its client retries nothing itself. The
 * deadline ends with the promise of `fn`: read the body in `fn` if it is to be covered too.
 *
 * @param fn - Makes the request, and heeds `attempt.signal`. What it throws at once counts as a failed attempt.
 * @throws What the last attempt was rejected with; the reason of `signal`, if it was aborted; a `TimeoutError` with the
 * last failure as its cause, if the deadline overtook an attempt; a `TypeError` for an option that is not allowed.
 *
 * @example
 * import { retry } from 'holdline/retry';
 *
 * const response = await retry(({ signal }) => fetch('http://127.0.0.1:3000/orders', { signal }), {
 *   idempotent: true,
 *   origin: 'http://127.0.0.1:3000',
 *   deadlineMs: 5_000,
 * });
 * await response.text();
 */
export const retry: Retry = makeRetry(nodeMachine, processBudgets);
