export { channels, type RetryEvent } from '../events/channels.js';
export type { BudgetLimits } from '../policy/budget.js';
export type { KeyFormat } from '../policy/idempotency-key.js';
export type { Reading, RetryReason, StopReason } from '../policy/retry.js';
export type { Attempt, KeyedAttempt } from './attempt.js';
export { type ClientRetryOptions, type RetryOriginOptions } from './client-options.js';
export { type AnyFetch, type RetryingFetch, type WithBodyMaker, type WithRetry, withRetry } from './fetch.js';
export {
  type MakeRetryInterceptor,
  type RetryInterceptor,
  type RetryInterceptorOptions,
  retryInterceptor,
} from './interceptor.js';
export type { RetryOptions } from './options.js';
export type { Outcome } from './reading.js';
export { type Retry, retry } from './retry.js';
