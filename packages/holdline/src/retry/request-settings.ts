import { formatKey, keySource } from '../policy/idempotency-key.js';
import { isIdempotent } from '../policy/verdict.js';
import type { Body } from './bodies.js';
import type { ClientRetrySettings } from './client-options.js';
import type { RequestHeaders } from './headers.js';
import type { RetryMachine } from './machine.js';
import type { RetrySettings } from './options.js';

/** What is read from a request that a client is to make. */
export interface RequestFacts {
  readonly method: string;
  /** `undefined` where the URL has none that HTTP knows. */
  readonly origin: string | undefined;
  /** The caller's word on whether it may run twice, where it gives one; else the method says. */
  readonly idempotent: boolean | undefined;
  readonly signal: AbortSignal | undefined;
  readonly headers: RequestHeaders;
  readonly body: Body;
}

/** One request's settings, and the headers to make it with. */
export interface RequestPlan {
  readonly settings: RetrySettings<unknown>;
  readonly headers: unknown;
}

const KEY = 'idempotency-key';

/** Fills in what `retry` is told by its caller: here the request tells it. */
export function planRequest(facts: RequestFacts, client: ClientRetrySettings, machine: RetryMachine): RequestPlan {
  const sent = facts.headers.get(KEY);
  const honoured = facts.origin !== undefined && client.honoursKeys.has(facts.origin);
  const source = keySource({ method: facts.method, sent, honoured, auto: client.auto });
  const fresh = source === 'fresh' ? formatKey(machine.uuid(), client.keyFormat) : undefined;
  return {
    settings: {
      ...client.base,
      idempotent: facts.idempotent ?? isIdempotent(facts.method),
      key: source === 'sent' ? sent : fresh,
      signal: facts.signal,
      origin: facts.origin,
      whyNotRecorded: () => facts.body.whyNotRecorded,
    },
    headers: fresh === undefined ? facts.headers.given : facts.headers.with(KEY, fresh),
  };
}
