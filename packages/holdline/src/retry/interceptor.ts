import { Budgets, processBudgets } from './budgets.js';
import { type ClientRetryOptions, settleClient } from './client-options.js';
import { Dispatching } from './dispatching.js';
import { nodeMachine, type RetryMachine } from './machine.js';
import type { Dispatch, DispatchHandler, DispatchOptions, OldHandler } from './undici.js';

/** What {@link retryInterceptor} may do. Each option may be left out. */
export interface RetryInterceptorOptions extends ClientRetryOptions {
  /**
   * The origin of requests that name none, as `scheme://host[:port]`: those of a `Client` or `Pool` of undici 7, which
   * do not tell an interceptor where they lead. Default: such requests share one budget, and no key is honoured.
   */
  readonly origin?: string;
}

/** An interceptor for `compose` of any dispatcher of undici. */
export type RetryInterceptor = <AnyDispatch extends (options: never, handler: never) => boolean>(
  dispatch: AnyDispatch,
) => AnyDispatch;

/** {@link retryInterceptor}, as a type. */
export type MakeRetryInterceptor = (options?: RetryInterceptorOptions) => RetryInterceptor;

/** Makes a {@link retryInterceptor} with a machine and budgets of its own. */
export function makeRetryInterceptor(machine: RetryMachine, budgets = new Budgets()): MakeRetryInterceptor {
  return (options = {}) => {
    const client = settleClient(options, ['origin']);
    return (dispatch) => {
      const onward = dispatch as unknown as Dispatch;
      // undici counts an interceptor's parameters
      const retrying = (request: DispatchOptions, handler: DispatchHandler | OldHandler): boolean => {
        if (!isPlainRequest(request) || !handler) return onward(request, handler);
        return new Dispatching(onward, request, handler, client, machine, budgets).begin();
      };
      return retrying as unknown as typeof dispatch;
    };
  };
}

/**
 * An interceptor for undici 7 and 8 (and the undici 6 that Node 20 and 22 hold) that makes a request again, after a
 * while, where that can do no harm and may help: as {@link withRetry}, by the same rules and with the same options, for
 * all that goes through a dispatcher. It takes the place of undici's own `interceptors.retry()` and `RetryAgent`.
 *
 * A response that is not made again is the caller's from its head on, and nothing is sent again after that, whatever
 * comes of its body. `CONNECT` and upgrades pass through. undici's `idempotent` option, which says whether a request may
 * be repeated, stands above what the method says.
 *
 * A body that is a string, bytes, `Blob` or `FormData` is sent again as it is, and one that is a function is called for
 * each attempt, and returns the body. A stream or an iterable, and so every body from `fetch`, is kept while it is sent,
 * up to `maxBodyBytes`; beyond that the request is not made again, the reason is `not-recorded`, and the error has a
 * `notRetried` that says what to do.
 *
 * Gotchas: compose it last, so that it is outermost, and without undici's own retries. `deadlineMs` ends with the
 * response's head.
 *
 * @throws TypeError for an option that is not allowed.
 *
 * @example
 * import { Agent, request } from 'undici';
 * import { retryInterceptor } from 'holdline/retry';
 *
 * const dispatcher = new Agent().compose(retryInterceptor({ deadlineMs: 10_000 }));
 * const { body } = await request('http://127.0.0.1:3000/orders/7', { dispatcher });
 * await body.text();
 */
export const retryInterceptor: MakeRetryInterceptor = makeRetryInterceptor(nodeMachine, processBudgets);

function isPlainRequest(request: DispatchOptions | null | undefined): request is DispatchOptions {
  return typeof request === 'object' && request !== null && !request.upgrade && request.method !== 'CONNECT';
}
