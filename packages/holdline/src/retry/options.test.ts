import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RetryOptions, settleRetry } from './options.js';

const LONGEST_MS = 2 ** 31 - 1;

/** Options as somebody writes them who has no types, or is mistaken. */
function settled(options: unknown) {
  return settleRetry(options as RetryOptions, () => 'fresh');
}

function complaint(options: unknown): string {
  try {
    settled(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  return 'none';
}

test('the defaults are those that the documentation names', () => {
  const { read, ...defaults } = settled({});
  expect(read({ ok: true, result: 1 })).toBeUndefined();
  expect(defaults).toEqual({
    idempotent: false,
    key: undefined,
    attempts: 4,
    baseDelayMs: 200,
    maxDelayMs: 10_000,
    maxRetryAfterMs: 30_000,
    deadlineMs: Number.POSITIVE_INFINITY,
    signal: undefined,
    origin: undefined,
    budget: { ratio: 0.2, perSecond: 10, burst: 100 },
    statuses: new Set([408, 425, 429, 502, 503, 504]),
  });
});

test('an option that is undefined is not set', () => {
  const unset = Object.fromEntries(Object.keys(settled({})).map((name) => [name, undefined]));
  expect(settled({ ...unset, read: undefined })).toMatchObject({ attempts: 4, deadlineMs: Number.POSITIVE_INFINITY });
});

test('a key is taken as it is, or made', () => {
  expect(settled({ key: 'order-7' }).key).toBe('order-7');
  expect(settled({ key: true }).key).toBe('fresh');
  expect(settled({ key: 'auto' }).key).toBe('fresh');
});

test('an origin written in two ways is one, so that it has one budget', () => {
  expect(settled({ origin: 'HTTPS://B.example:443/' }).origin).toBe('https://b.example');
  expect(settled({ origin: 'unix:/run/b.sock' }).origin).toBe('unix:/run/b.sock');
});

describe('a mistake is told with the name of the option, its value, and what is allowed', () => {
  const ms = `ms from 0 to ${LONGEST_MS}`;
  const origin = "an origin such as 'https://api.example.com', 'http://10.0.0.1:3000' or 'unix:/run/b.sock'";
  const key = "printable ASCII, or true or 'auto' for a fresh UUID";
  const mistakes: readonly [unknown, string][] = [
    [null, 'options is null; expected an object.'],
    [{ idempotent: 'yes' }, "idempotent is 'yes'; expected true or false."],
    [{ key: false }, `key is false; expected ${key}.`],
    [{ key: '' }, `key is ''; expected ${key}.`],
    [{ key: 'a\r\nb: c' }, `key is 'a\\r\\nb: c'; expected ${key}.`],
    [{ key: 'é' }, `key is 'é'; expected ${key}.`],
    [{ attempts: 0 }, 'attempts is 0; expected a whole number from 1 to 1000.'],
    [{ attempts: 2.5 }, 'attempts is 2.5; expected a whole number from 1 to 1000.'],
    [{ attempts: Infinity }, 'attempts is Infinity; expected a whole number from 1 to 1000.'],
    [{ baseDelayMs: -1 }, `baseDelayMs is -1; expected ${ms}.`],
    [{ maxDelayMs: '10s' }, `maxDelayMs is '10s'; expected ${ms}.`],
    [{ maxRetryAfterMs: Number.NaN }, `maxRetryAfterMs is NaN; expected ${ms}.`],
    [{ deadlineMs: LONGEST_MS + 1 }, `deadlineMs is 2147483648; expected ${ms}.`],
    [{ signal: {} }, 'signal is {}; expected an AbortSignal.'],
    [{ origin: 'b:3000' }, `origin is 'b:3000'; expected ${origin}.`],
    [{ origin: 7 }, `origin is 7; expected ${origin}.`],
    [{ budget: { burst: -1 } }, 'budget.burst is -1; expected a number from 0, or Infinity.'],
    [{ statuses: 503 }, 'statuses is 503; expected an array of statuses from 100 to 599.'],
    [{ statuses: [503, 5] }, 'statuses is [ 503, 5 ]; expected an array of statuses from 100 to 599.'],
    [{ read: true }, 'read is true; expected a function.'],
  ];
  for (const [options, expected] of mistakes) {
    test(`such as: ${expected}`, () => expect(complaint(options)).toBe(`Holdline: ${expected}`));
  }

  test('such as an option that there is not, which would else pass for one that is not set', () => {
    expect(complaint({ retries: 5 })).toMatch(/^Holdline: retries is 5; expected only idempotent, key, attempts, /);
    expect(complaint({ budget: { rate: 1 } })).toBe(
      'Holdline: budget.rate is 1; expected only ratio, perSecond, burst.',
    );
  });

  test('whatever the value is', () => {
    const names = Object.keys(settled({}));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything({ withBigInt: true }), (name, value) => {
        expect(complaint({ [name]: value })).toMatch(new RegExp(`^(none$|Holdline: ${name}\\b)`));
      }),
    );
  });
});
