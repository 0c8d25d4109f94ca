import { budgetLimits, fail, milliseconds, number, onlyKnown, originNameOf, yesOrNo } from '../checks.js';
import type { BudgetLimits } from '../policy/budget.js';
import type { Reading, RetryLimits } from '../policy/retry.js';
import type { Outcome } from './reading.js';

/** What {@link retry} may do. Each option may be left out. */
export interface RetryOptions<Result = unknown> {
  /**
   * Running the request twice does what running it once does, so that it may be made again after a failure that leaves
   * it open whether the server has it. Default `false`. Gotcha: this is your word; the method is not looked at.
   */
  readonly idempotent?: boolean;
  /**
   * The idempotency key that every attempt carries, by which the server knows that it has executed the request already:
   * printable ASCII, or `true` or `'auto'` for a fresh UUID. Default: none. Gotchas: `fn` must send it
   * (`attempt.key`); and a server that does not honour keys executes the request twice.
   */
  readonly key?: string | true;
  /** The most attempts, the first one included: 1 to 1 000; default 4. */
  readonly attempts?: number;
  /** The longest wait before the first retry, in ms; it doubles with each further one. Default 200. */
  readonly baseDelayMs?: number;
  /** The longest wait before any retry, in ms, on top of a `Retry-After`. Default 10 000. */
  readonly maxDelayMs?: number;
  /**
   * The longest `Retry-After` that is waited for, in ms; default 30 000. A server that wants to be left alone for longer
   * is left alone: its response is the result.
   */
  readonly maxRetryAfterMs?: number;
  /**
   * How long all attempts and waits together may take, in ms. Default: no limit. No wait is begun that would not end
   * before it; an attempt that it overtakes is ended by its signal.
   */
  readonly deadlineMs?: number;
  /** Ends the call at once, which is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Whose budget the retries are taken from, as `scheme://host[:port]`, or `unix:` and the path of a socket. Default:
   * one budget that all calls share which name none.
   */
  readonly origin?: string;
  /**
   * How many retries an origin may be sent: `ratio` of its calls (0.2) and `perSecond` (10), saved up to `burst` (100).
   * `Infinity` lifts a bound. Each retry costs one, also that of a request which was never sent.
   */
  readonly budget?: Partial<BudgetLimits>;
  /** The statuses that ask to come again. Default 408, 425, 429, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /**
   * Reads what an attempt came to, for a client that Holdline does not know; `undefined` leaves it to Holdline. What it
   * throws, the call is rejected with. Gotcha: `unsent: true` lets any request be made again.
   */
  readonly read?: (outcome: Outcome<Result>) => Reading | undefined;
}

/** Options with every default filled in. */
export interface RetrySettings<Result> extends RetryLimits {
  readonly idempotent: boolean;
  readonly key: string | undefined;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** `undefined` where the caller names none. */
  readonly origin: string | undefined;
  readonly budget: BudgetLimits;
  readonly statuses: ReadonlySet<number>;
  readonly read: (outcome: Outcome<Result>) => Reading | undefined;
  /** Why the body cannot be sent once more; `undefined` where it can, or where `fn` makes it. */
  readonly whyNotRecorded?: () => string | undefined;
}

const STATUSES: readonly number[] = [408, 425, 429, 502, 503, 504];

/** Each name, so that a new option cannot be forgotten. */
const NAMES: Readonly<Record<keyof RetryOptions, true>> = {
  idempotent: true,
  key: true,
  attempts: true,
  baseDelayMs: true,
  maxDelayMs: true,
  maxRetryAfterMs: true,
  deadlineMs: true,
  signal: true,
  origin: true,
  budget: true,
  statuses: true,
  read: true,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param uuid - Makes a fresh key.
 * @throws TypeError that names the option, its value, and what is allowed.
 */
export function settleRetry<Result>(options: RetryOptions<Result>, uuid: () => string): RetrySettings<Result> {
  onlyKnown('options', options, Object.keys(NAMES));
  const { deadlineMs, origin, read } = options;
  if (read !== undefined && typeof read !== 'function') fail('read', read, 'a function');
  return {
    idempotent: yesOrNo('idempotent', options.idempotent, false),
    key: keyOf(options.key, uuid),
    attempts: number(
      'attempts',
      options.attempts,
      4,
      'a whole number from 1 to 1000',
      (n) => Number.isInteger(n) && n >= 1 && n <= 1000,
    ),
    baseDelayMs: milliseconds('baseDelayMs', options.baseDelayMs, 200),
    maxDelayMs: milliseconds('maxDelayMs', options.maxDelayMs, 10_000),
    maxRetryAfterMs: milliseconds('maxRetryAfterMs', options.maxRetryAfterMs, 30_000),
    deadlineMs: milliseconds('deadlineMs', deadlineMs, Number.POSITIVE_INFINITY),
    signal: signalOf(options.signal),
    origin:
      origin === undefined
        ? undefined
        : originNameOf(
            'origin',
            origin,
            "an origin such as 'https://api.example.com', 'http://10.0.0.1:3000' or 'unix:/run/b.sock'",
          ),
    budget: budgetLimits(options.budget),
    statuses: statusesOf(options.statuses),
    read: read ?? (() => undefined),
  };
}

function keyOf(key: unknown, uuid: () => string): string | undefined {
  if (key === undefined) return undefined;
  if (key === true || key === 'auto') return uuid();
  if (typeof key !== 'string' || !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(key)) {
    fail('key', key, "printable ASCII, or true or 'auto' for a fresh UUID");
  }
  return key;
}

function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) fail('signal', signal, 'an AbortSignal');
  return signal;
}

function statusesOf(given: unknown): ReadonlySet<number> {
  if (given === undefined) return new Set(STATUSES);
  const isStatus = (each: unknown) => Number.isInteger(each) && (each as number) >= 100 && (each as number) <= 599;
  if (!Array.isArray(given) || !given.every(isStatus)) fail('statuses', given, 'an array of statuses from 100 to 599');
  return new Set(given as number[]);
}
