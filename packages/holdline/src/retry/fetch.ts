import { fail } from '../checks.js';
import type { Attempt } from './attempt.js';
import { type Body, bodyOf, NO_BODY } from './bodies.js';
import { Budgets, processBudgets } from './budgets.js';
import { Call } from './call.js';
import { type ClientRetryOptions, type ClientRetrySettings, httpOrigin, settleClient } from './client-options.js';
import { RequestHeaders } from './headers.js';
import { nodeMachine, type RetryMachine } from './machine.js';
import { isRequest, RequestBody, type RequestLike } from './request-body.js';
import { planRequest } from './request-settings.js';

/** Any fetch: the built-in one, undici's, node-fetch. */
export type AnyFetch = (input: never, init?: never) => Promise<unknown>;

/** A fetch like the one that was given, whose `init.body` may also be a function that makes the body anew. */
export interface RetryingFetch<Fetch extends AnyFetch> {
  (input: Parameters<Fetch>[0], init: WithBodyMaker<InitOf<Fetch>>): ReturnType<Fetch>;
  (...args: Parameters<Fetch>): ReturnType<Fetch>;
}

/** The init of a fetch with a function for its body. */
export type WithBodyMaker<Given> = Omit<Given, 'body'> & {
  readonly body: () => BodyOf<Given> | PromiseLike<BodyOf<Given>>;
};
type InitOf<Fetch> = Fetch extends (input: never, init?: infer Given) => unknown ? NonNullable<Given> : never;
type BodyOf<Given> = Given extends { body?: infer Content } ? Content : never;

/** {@link withRetry}, as a type. */
export type WithRetry = <Fetch extends AnyFetch>(fetch: Fetch, options?: ClientRetryOptions) => RetryingFetch<Fetch>;

type PlainFetch = (input: unknown, init: object) => Promise<unknown>;
type Init = Readonly<Record<string, unknown>>;

/** Makes a {@link withRetry} with a machine and budgets of its own. */
export function makeWithRetry(machine: RetryMachine, budgets = new Budgets()): WithRetry {
  return (fetch, options = {}) => {
    if (typeof fetch !== 'function') fail('fetch', fetch, 'a fetch function');
    const client = settleClient(options);
    const wrapped = async (input: unknown, init?: Init): Promise<unknown> =>
      fetchWithRetry(fetch as unknown as PlainFetch, client, { input, init: init ?? {} }, machine, budgets);
    return wrapped as unknown as RetryingFetch<typeof fetch>;
  };
}

/**
 * Wraps a fetch so that it makes a request again, after a while, where that can do no harm and may help: as `retry`, by
 * the same rules and bounds, with the request read instead of described. A method that is idempotent
 * (RFC 9110 §9.2.2) may be made again; a POST or PATCH only with an `Idempotency-Key` that its origin honours
 * (`origins`), which `idempotencyKey: 'auto'` adds, or after a failure which shows that the server never got it. The
 * budget is that of the URL's origin; `init.signal` ends all of it.
 *
 * The result is what the wrapped fetch gave last: a response, also one of 503, or its error. What was decided after each
 * attempt, the channel `holdline:retry` tells ({@link RetryEvent}).
 *
 * A body that is a string, bytes, `Blob`, `FormData` or `URLSearchParams` is sent again as it is, and one that is a
 * function is called for each attempt. A stream is kept while it is sent, up to `maxBodyBytes`; beyond that the request
 * is not made again, the reason is `not-recorded`, and a thrown error has a `notRetried` that says what to do. The body
 * of a `Request` is read before the first attempt, up to the same bound.
 *
 * Gotchas: `deadlineMs` ends with the response's head, not with its body. Give it to a client that retries nothing
 * itself.
 *
 * @param fetch - Is called once for each attempt, with the same arguments, its `signal` and, where one is added, a key.
 * @throws What the wrapped fetch rejects with; the reason of `init.signal`; a `TimeoutError` at the deadline; a
 * `TypeError` for an option that is not allowed.
 *
 * @example
 * import { withRetry } from 'holdline/retry';
 *
 * const fetchAgain = withRetry(fetch, { deadlineMs: 10_000 });
 * const response = await fetchAgain('http://127.0.0.1:3000/orders/7');
 * await response.text();
 */
export const withRetry: WithRetry = makeWithRetry(nodeMachine, processBudgets);

interface FetchArguments {
  readonly input: unknown;
  readonly init: Init;
}

async function fetchWithRetry(
  fetch: PlainFetch,
  client: ClientRetrySettings,
  { input, init }: FetchArguments,
  machine: RetryMachine,
  budgets: Budgets,
): Promise<unknown> {
  const request = isRequest(input) ? input : undefined;
  const signal = init['signal'] === undefined ? request?.signal : (init['signal'] ?? undefined);
  const body = bodyFor(init['body'], request, client.maxBodyBytes);
  const { settings, headers } = planRequest(
    {
      method: methodOf(init['method'] ?? request?.method),
      origin: httpOrigin(request ? request.url : input),
      idempotent: undefined,
      signal: signal as AbortSignal | undefined,
      headers: new RequestHeaders(init['headers'] ?? request?.headers, 'pairs'),
      body,
    },
    client,
    machine,
  );
  const mayEnd = signal !== undefined || settings.deadlineMs !== Infinity;
  const once = async (attempt: Attempt) => {
    const sent: unknown = await body.next();
    attempt.signal.throwIfAborted();
    return fetch(input, {
      ...init,
      ...(mayEnd && { signal: attempt.signal }),
      ...(headers !== request?.headers && { headers }),
      ...(sent !== undefined && { body: sent }),
    });
  };
  let failed = true;
  try {
    const response = await new Call(once, settings, machine, budgets).run();
    failed = false;
    return response;
  } finally {
    body.finish(failed);
  }
}

function bodyFor(given: unknown, request: RequestLike | undefined, maxBytes: number): Body {
  if (given !== undefined && given !== null) return bodyOf(given, maxBytes, 'async');
  return request?.body ? new RequestBody(request, maxBytes) : NO_BODY;
}

/** As fetch writes it: in upper case, for those methods that it knows. */
function methodOf(given: unknown): string {
  const method = String(given ?? 'GET');
  const upper = method.toUpperCase();
  return ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'].includes(upper) ? upper : method;
}
