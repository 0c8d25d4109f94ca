import { fail, number, oneOf, onlyKnown, originNameOf, yesOrNo } from '../checks.js';
import type { KeyFormat } from '../policy/idempotency-key.js';
import { HONOURS_KEYS } from '../policy/known-origins.js';
import { type RetryOptions, type RetrySettings, settleRetry } from './options.js';

/** What {@link withRetry} and {@link retryInterceptor} know of one origin. */
export interface RetryOriginOptions {
  /**
   * The server executes requests with the same `Idempotency-Key` once, so that a POST or PATCH with a key may be made
   * again. Default `false`, except for origins known to honour keys (`https://api.stripe.com`). Gotcha: a server that
   * ignores keys executes the request twice; declare only what its documentation promises.
   */
  readonly idempotencyKeys?: boolean;
}

/**
 * What {@link withRetry} and {@link retryInterceptor} may do: the bounds are those of `retry`, and what `retry` must be
 * told of a request, they read from it. Each option may be left out.
 */
export interface ClientRetryOptions
  extends Pick<
    RetryOptions,
    'attempts' | 'baseDelayMs' | 'maxDelayMs' | 'maxRetryAfterMs' | 'deadlineMs' | 'budget' | 'statuses'
  > {
  /**
   * `'auto'`: a POST or PATCH without an `Idempotency-Key` gets one, a fresh UUID and the same in every attempt, if its
   * origin honours keys (`origins`). Default: none is added. A key that the caller sends stays as it is.
   */
  readonly idempotencyKey?: 'auto';
  /**
   * How the added key is written: `'raw'` (default), or `'quoted'`, as the IETF draft has it
   * (draft-ietf-httpapi-idempotency-key-header). Gotcha: to a server that knows no draft the quotes belong to the key.
   */
  readonly keyFormat?: KeyFormat;
  /**
   * What is known of single origins, by `scheme://host[:port]`. An agent's `origins` will do as well: what is no
   * concern of retries is passed over.
   *
   * @example
   * { 'https://pay.example': { idempotencyKeys: true } }
   */
  readonly origins?: Readonly<Record<string, RetryOriginOptions>>;
  /**
   * How much of a body that is a stream is kept, so that it can be sent again, in bytes; default 1 048 576. A request
   * that has sent more of its stream is not made again, except from a function that makes the body anew.
   */
  readonly maxBodyBytes?: number;
}

/** Options with every default filled in. */
export interface ClientRetrySettings {
  /** What holds for every request; what depends on the request is filled in for each. */
  readonly base: RetrySettings<unknown>;
  readonly auto: boolean;
  readonly keyFormat: KeyFormat;
  readonly honoursKeys: ReadonlySet<string>;
  readonly maxBodyBytes: number;
}

/** Each name, so that a new option cannot be forgotten. */
const NAMES: Readonly<Record<keyof ClientRetryOptions, true>> = {
  attempts: true,
  baseDelayMs: true,
  maxDelayMs: true,
  maxRetryAfterMs: true,
  deadlineMs: true,
  budget: true,
  statuses: true,
  idempotencyKey: true,
  keyFormat: true,
  origins: true,
  maxBodyBytes: true,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param more - Names of options of `retry` that are allowed besides.
 * @throws TypeError that names the option, its value, and what is allowed.
 */
export function settleClient(options: ClientRetryOptions, more: readonly 'origin'[] = []): ClientRetrySettings {
  onlyKnown('options', options, [...Object.keys(NAMES), ...more]);
  const { idempotencyKey, keyFormat, origins, maxBodyBytes, ...bounds } = options;
  return {
    base: settleRetry(bounds, unused),
    auto: idempotencyKey !== undefined && oneOf('idempotencyKey', idempotencyKey, ['auto'], 'auto') === 'auto',
    keyFormat: oneOf('keyFormat', keyFormat, ['raw', 'quoted'], 'raw'),
    honoursKeys: originsThatHonourKeys(origins),
    maxBodyBytes: number(
      'maxBodyBytes',
      maxBodyBytes,
      1_048_576,
      'bytes from 0 to 67108864',
      (n) => Number.isInteger(n) && n <= 67_108_864,
    ),
  };
}

function originsThatHonourKeys(given: unknown): ReadonlySet<string> {
  if (given !== undefined && (typeof given !== 'object' || given === null)) fail('origins', given, 'an object');
  const honour = new Set(HONOURS_KEYS);
  for (const [key, value] of Object.entries((given ?? {}) as Record<string, RetryOriginOptions>)) {
    const name = originNameOf('origins', key, "keys such as 'https://api.example.com' or 'http://10.0.0.1:3000'");
    const at = `origins['${key}']`;
    onlyKnown(at, value, ['idempotencyKeys', 'idleLimitMs', 'replay', 'mode']);
    if (value.idempotencyKeys === undefined) continue;
    if (yesOrNo(`${at}.idempotencyKeys`, value.idempotencyKeys, false)) honour.add(name);
    else honour.delete(name);
  }
  return honour;
}

/** The origin of a URL whose budget and keys are known by it; `undefined` where it is none of HTTP's. */
export function httpOrigin(url: unknown): string | undefined {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : url;
  if (!(parsed instanceof URL) || !/^https?:$/.test(parsed.protocol)) return undefined;
  return parsed.origin;
}

function unused(): string {
  return '';
}
