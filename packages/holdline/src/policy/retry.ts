import { type BackoffLimits, backoffMs } from './backoff.js';
import { harmlessTwice } from './verdict.js';

/** The bounds of a call's retries. */
export interface RetryLimits extends BackoffLimits {
  /** The most attempts, the first one included. */
  readonly attempts: number;
  /** The longest `Retry-After` that is waited for, in ms. */
  readonly maxRetryAfterMs: number;
}

/**
 * What an attempt came to, as far as retrying is concerned:
 *
 * | kind | means |
 * |---|---|
 * | `answer` | a result to give to the caller |
 * | `status` | a response, or an error that stands for one, that asks to come again |
 * | `failure` | no whole response, by an error that another attempt may mend |
 * | `fault` | an error that another attempt would not mend |
 */
export type Reading =
  | { readonly kind: 'answer' }
  | {
      readonly kind: 'status';
      readonly status: number;
      /** What the response's `Retry-After` asks for, in ms. */
      readonly retryAfterMs?: number | undefined;
    }
  | {
      readonly kind: 'failure';
      readonly code: string;
      /** The failure shows that nothing of the request reached the server. */
      readonly unsent: boolean;
    }
  | { readonly kind: 'fault' };

/** All that the decision about another attempt depends on. */
export interface RetryFacts {
  readonly reading: Reading;
  /** The user's signal was aborted, or the deadline has passed. */
  readonly ended: 'aborted' | 'deadline' | undefined;
  /** The caller says that running the request twice does what running it once does. */
  readonly idempotent: boolean;
  /** Each attempt carries the same idempotency key. */
  readonly keyed: boolean;
  /**
   * A redirect was seen while the attempt ran: what was not sent may be the request that followed it, after the first
   * one was executed.
   */
  readonly redirected: boolean;
  /** The body can be sent once more: it is no stream, or all that was read of it was kept. */
  readonly recorded: boolean;
  /** Attempts made so far, from 1. */
  readonly attempt: number;
  readonly limits: RetryLimits;
  /** Until the deadline, in ms; `Infinity` where there is none. */
  readonly remainingMs: number;
  /** The origin's budget has a token. */
  readonly budgetLeft: boolean;
  /** A number from 0 to below 1, for the jitter. */
  readonly random: number;
}

/**
 * Why no further attempt is made:
 *
 * | reason | means |
 * |---|---|
 * | `answered` | there is a result for the caller |
 * | `aborted` | the caller's signal was aborted |
 * | `deadline` | the deadline has passed, or would before the next attempt |
 * | `not-retryable` | another attempt would not mend this error |
 * | `may-run-twice` | the server may have the request, which is neither idempotent nor keyed |
 * | `not-recorded` | the body was a stream, and not all that was read of it was kept |
 * | `attempts-spent` | all attempts were made |
 * | `retry-after-too-long` | the server wants to be left alone for longer than `maxRetryAfterMs` |
 * | `budget-empty` | this origin was sent too many retries lately |
 */
export type StopReason =
  | 'answered'
  | 'aborted'
  | 'deadline'
  | 'not-retryable'
  | 'may-run-twice'
  | 'not-recorded'
  | 'attempts-spent'
  | 'retry-after-too-long'
  | 'budget-empty';

/** Why another attempt does no harm: nothing of the last one was sent, or the caller gave leave. */
export type RetryReason = 'unsent' | 'idempotent' | 'keyed';

/** What to do after an attempt. */
export type RetryDecision =
  | { readonly action: 'stop'; readonly reason: StopReason }
  | { readonly action: 'retry'; readonly reason: RetryReason; readonly delayMs: number };

/**
 * Decides whether there is another attempt, and how long to wait for it. The order is the design: each line stands on
 * those above it.
 *
 * `Retry-After` is a time *before* which the server does not want to be asked, so the backoff comes on top of it: else
 * all who were sent away together would come back together.
 */
export function decideRetry(facts: RetryFacts): RetryDecision {
  const { reading, limits } = facts;
  if (reading.kind === 'answer') return stop('answered');
  if (facts.ended) return stop(facts.ended);
  if (reading.kind === 'fault') return stop('not-retryable');
  const harmless = harmlessAgain(facts);
  if (!harmless) return stop('may-run-twice');
  if (!facts.recorded) return stop('not-recorded');
  if (facts.attempt >= limits.attempts) return stop('attempts-spent');
  const retryAfterMs = reading.kind === 'status' ? (reading.retryAfterMs ?? 0) : 0;
  if (retryAfterMs > limits.maxRetryAfterMs) return stop('retry-after-too-long');
  const delayMs = retryAfterMs + backoffMs(facts.attempt, limits, facts.random);
  if (delayMs >= facts.remainingMs) return stop('deadline');
  if (!facts.budgetLeft) return stop('budget-empty');
  return { action: 'retry', reason: harmless, delayMs };
}

/** Why the request may be made again, if it may. */
function harmlessAgain(facts: RetryFacts): RetryReason | undefined {
  const { reading } = facts;
  if (reading.kind === 'failure' && reading.unsent && !facts.redirected) return 'unsent';
  return harmlessTwice(facts);
}

function stop(reason: StopReason): RetryDecision {
  return { action: 'stop', reason };
}
