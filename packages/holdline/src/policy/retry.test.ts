import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, type Reading, type RetryFacts } from './retry.js';

const limits = { attempts: 3, baseDelayMs: 200, maxDelayMs: 1_000, maxRetryAfterMs: 30_000 };
const hangUp: Reading = { kind: 'failure', code: 'ECONNRESET', unsent: false };
const refused: Reading = { kind: 'failure', code: 'ECONNREFUSED', unsent: true };
const unavailable: Reading = { kind: 'status', status: 503 };

/** A plain POST whose first attempt hung up. */
const post: RetryFacts = {
  reading: hangUp,
  ended: undefined,
  idempotent: false,
  keyed: false,
  redirected: false,
  recorded: true,
  attempt: 1,
  limits,
  remainingMs: Number.POSITIVE_INFINITY,
  budgetLeft: true,
  random: 0.5,
};
const get: RetryFacts = { ...post, idempotent: true };

const stops = (reason: string) => ({ action: 'stop', reason });
const retries = (reason: string, delayMs: number) => ({ action: 'retry', reason, delayMs });

describe('after an attempt', () => {
  test('answered: an answer is given, even to one who has just aborted or whose time is over', () => {
    const answer = { ...post, reading: { kind: 'answer' } } as const;
    expect(decideRetry(answer)).toEqual(stops('answered'));
    expect(decideRetry({ ...answer, ended: 'aborted' })).toEqual(stops('answered'));
    expect(decideRetry({ ...answer, ended: 'deadline', remainingMs: 0 })).toEqual(stops('answered'));
  });

  test('aborted: nothing is sent again for one who wants it no more, not even what was never sent', () => {
    expect(decideRetry({ ...get, reading: refused, ended: 'aborted' })).toEqual(stops('aborted'));
  });

  test('deadline: nothing is sent again once the time is over, and no wait is begun that would not end before', () => {
    expect(decideRetry({ ...get, ended: 'deadline', remainingMs: 0 })).toEqual(stops('deadline'));
    expect(decideRetry({ ...get, remainingMs: 100 })).toEqual(stops('deadline'));
    expect(decideRetry({ ...get, remainingMs: 101 })).toEqual(retries('idempotent', 100));
    const later = { ...get, reading: { ...unavailable, retryAfterMs: 5_000 } };
    expect(decideRetry({ ...later, remainingMs: 5_000 })).toEqual(stops('deadline'));
  });

  test('not-retryable: an error that would come again is not waited for', () => {
    expect(decideRetry({ ...get, reading: { kind: 'fault' } })).toEqual(stops('not-retryable'));
  });

  test('may-run-twice: a plain POST that the server may have is not sent again, whatever the response says', () => {
    expect(decideRetry(post)).toEqual(stops('may-run-twice'));
    expect(decideRetry({ ...post, reading: unavailable })).toEqual(stops('may-run-twice'));
    expect(decideRetry({ ...post, reading: { ...unavailable, retryAfterMs: 0 } })).toEqual(stops('may-run-twice'));
  });

  test('may-run-twice: what was not sent after a redirect may be the second half of what was executed', () => {
    expect(decideRetry({ ...post, reading: refused, redirected: true })).toEqual(stops('may-run-twice'));
    expect(decideRetry({ ...get, reading: refused, redirected: true })).toMatchObject({ reason: 'idempotent' });
  });

  test('not-recorded: what is not at hand any more cannot be sent again, whatever leave there is', () => {
    expect(decideRetry({ ...get, recorded: false })).toEqual(stops('not-recorded'));
    expect(decideRetry({ ...post, reading: refused, recorded: false })).toEqual(stops('not-recorded'));
    expect(decideRetry({ ...post, keyed: true, recorded: false, attempt: 3 })).toEqual(stops('not-recorded'));
  });

  test('attempts-spent: the last attempt is the last', () => {
    expect(decideRetry({ ...get, attempt: 2 })).toEqual(retries('idempotent', 200));
    expect(decideRetry({ ...get, attempt: 3 })).toEqual(stops('attempts-spent'));
    expect(decideRetry({ ...get, limits: { ...limits, attempts: 1 } })).toEqual(stops('attempts-spent'));
  });

  test('retry-after-too-long: a server that wants to be left alone for long is left alone', () => {
    const asks = (retryAfterMs: number) => decideRetry({ ...get, reading: { ...unavailable, retryAfterMs } });
    expect(asks(30_000)).toEqual(retries('idempotent', 30_100));
    expect(asks(30_001)).toEqual(stops('retry-after-too-long'));
  });

  test('budget-empty: what may be sent again is not, if too much was lately', () => {
    expect(decideRetry({ ...get, budgetLeft: false })).toEqual(stops('budget-empty'));
    expect(decideRetry({ ...post, reading: refused, budgetLeft: false })).toEqual(stops('budget-empty'));
  });

  test('unsent, idempotent, keyed: why there is another attempt', () => {
    expect(decideRetry({ ...post, reading: refused })).toEqual(retries('unsent', 100));
    expect(decideRetry(get)).toEqual(retries('idempotent', 100));
    expect(decideRetry({ ...post, keyed: true })).toEqual(retries('keyed', 100));
  });

  test('the backoff comes on top of what the server asks for, so that not all come back at once', () => {
    const asks = { ...get, reading: { ...unavailable, retryAfterMs: 2_000 } };
    expect(decideRetry({ ...asks, random: 0 })).toEqual(retries('idempotent', 2_000));
    expect(decideRetry({ ...asks, attempt: 2, random: 0.5 })).toEqual(retries('idempotent', 2_200));
  });
});

describe('whatever the facts', () => {
  const both = fc.boolean();
  const readings: fc.Arbitrary<Reading> = fc.oneof(
    fc.constantFrom<Reading>({ kind: 'answer' }, { kind: 'fault' }),
    fc.record({
      kind: fc.constant('status' as const),
      status: fc.constantFrom(408, 425, 429, 502, 503, 504),
      retryAfterMs: fc.option(fc.nat(100_000), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('failure' as const), code: fc.constant('ECONNRESET'), unsent: both }),
  );
  const anyFacts: fc.Arbitrary<RetryFacts> = fc.record({
    reading: readings,
    ended: fc.constantFrom(undefined, 'aborted' as const, 'deadline' as const),
    idempotent: both,
    keyed: both,
    redirected: both,
    recorded: both,
    attempt: fc.integer({ min: 1, max: 5 }),
    limits: fc.record({
      attempts: fc.integer({ min: 1, max: 5 }),
      baseDelayMs: fc.nat(1_000),
      maxDelayMs: fc.nat(5_000),
      maxRetryAfterMs: fc.nat(60_000),
    }),
    remainingMs: fc.oneof(fc.nat(60_000), fc.constant(Number.POSITIVE_INFINITY)),
    budgetLeft: both,
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  test('nothing is sent again that might run twice without leave, nor after the end, nor beyond a bound', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideRetry(facts);
        if (decision.action === 'stop') return;
        const { reading } = facts;
        const surelyUnsent = reading.kind === 'failure' && reading.unsent && !facts.redirected;
        expect(facts.idempotent || facts.keyed || surelyUnsent).toBe(true);
        expect(['status', 'failure']).toContain(reading.kind);
        expect(facts.ended).toBeUndefined();
        expect(facts.recorded).toBe(true);
        expect(facts.attempt).toBeLessThan(facts.limits.attempts);
        expect(facts.budgetLeft).toBe(true);
        expect(decision.delayMs).toBeLessThan(facts.remainingMs);
        const askedMs = reading.kind === 'status' ? (reading.retryAfterMs ?? 0) : 0;
        expect(decision.delayMs).toBeGreaterThanOrEqual(askedMs);
        expect(decision.delayMs).toBeLessThanOrEqual(facts.limits.maxRetryAfterMs + facts.limits.maxDelayMs);
      }),
      { numRuns: 2_000 },
    );
  });

  test('more leave, more time, more budget and more attempts never take a retry away', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (decideRetry(facts).action === 'stop') return;
        const more = {
          ...facts,
          idempotent: true,
          keyed: true,
          redirected: false,
          remainingMs: Number.POSITIVE_INFINITY,
          limits: { ...facts.limits, attempts: 6, maxRetryAfterMs: 100_000 },
        };
        expect(decideRetry(more).action).toBe('retry');
      }),
    );
  });
});

test('the documentation has every reason, in the order of the decision', () => {
  const source = readFileSync(new URL('retry.ts', import.meta.url), 'utf8');
  const union = /export type StopReason =([^;]+);/.exec(source)?.[1] ?? '';
  const reasons = Array.from(union.matchAll(/'([a-z-]+)'/g), (match) => match[1]);
  const comment = /\/\*\*\n \* Why no further attempt is made:[^/]*\*\//.exec(source)?.[0] ?? '';
  const table = Array.from(comment.matchAll(/^ \* \| `([a-z-]+)` \| (\S.*) \|$/gm), (match) => match[1]);
  expect(reasons).toHaveLength(9);
  expect(table).toEqual(reasons);
});
