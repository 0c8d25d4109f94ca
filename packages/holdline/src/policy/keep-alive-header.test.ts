import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heldHint, type KeepAliveHint, keepAliveHint, parseKeepAlive, requestsLeft } from './keep-alive-header.js';

const DAY_MS = 86_400_000;

describe('what a server says in its Keep-Alive header is understood', () => {
  const said: Readonly<Record<string, KeepAliveHint>> = {
    'timeout=5': { timeoutMs: 5_000 },
    'timeout=5, max=100': { timeoutMs: 5_000, max: 100 },
    'max=10, timeout=5': { timeoutMs: 5_000, max: 10 },
    'max=10': { max: 10 },
    'Timeout=5, MAX=7': { timeoutMs: 5_000, max: 7 },
    'TIMEOUT="5"': { timeoutMs: 5_000 },
    'timeout = 5 , max = 9': { timeoutMs: 5_000, max: 9 },
    '  timeout=5': { timeoutMs: 5_000 },
    'timeout=5;max=9': { timeoutMs: 5_000, max: 9 },
    'timeout=5,max="9"': { timeoutMs: 5_000, max: 9 },
    'timeout=065': { timeoutMs: 65_000 },
    'foo=1, timeout=5, bar': { timeoutMs: 5_000 },
    'foo="timeout=1", timeout=5': { timeoutMs: 5_000 },
  };
  for (const [value, hint] of Object.entries(said)) {
    test(`«${value}»`, () => expect(parseKeepAlive(value)).toEqual(hint));
  }

  test('timeout=0 means that nothing is kept, which is not the same as saying nothing', () => {
    expect(parseKeepAlive('timeout=0')).toEqual({ timeoutMs: 0 });
    expect(parseKeepAlive('max=0')).toEqual({ max: 0 });
  });

  test('of a timeout that is said twice, in one header or in several joined ones, the lower counts', () => {
    expect(parseKeepAlive('timeout=5, timeout=60')).toEqual({ timeoutMs: 5_000 });
    expect(parseKeepAlive('timeout=60, timeout=5')).toEqual({ timeoutMs: 5_000 });
    expect(parseKeepAlive('timeout=60, max=5, max=3,timeout=5')).toEqual({ timeoutMs: 5_000, max: 3 });
  });

  test('a promise of more than a day is taken for a day, however many digits it has', () => {
    expect(parseKeepAlive('timeout=86401')).toEqual({ timeoutMs: DAY_MS });
    expect(parseKeepAlive(`timeout=${'9'.repeat(400)}`)).toEqual({ timeoutMs: DAY_MS });
    expect(parseKeepAlive(`max=${'9'.repeat(400)}`)).toEqual({ max: Number.MAX_SAFE_INTEGER });
  });
});

describe('what is not understood is passed over, so that the assumed limit stands', () => {
  for (const value of [
    '',
    ' ',
    ',;,',
    'timeout',
    'timeout=',
    'timeout=""',
    'timeout=-5',
    'timeout=+5',
    'timeout=5.5',
    'timeout=5s',
    'timeout=0x10',
    'timeout=1e3',
    'timeout="5',
    'timeout=5"',
    "timeout='5'",
    'timeout=5 max=3',
    'xtimeout=5',
    'timeout-ms=5',
    'timeouts=5',
    'max=ten',
    'timeout=٥',
  ]) {
    test(`«${value}»`, () => expect(parseKeepAlive(value)).toEqual({}));
  }

  test('and does not take with it what is well said beside it', () => {
    expect(parseKeepAlive('timeout=5s, max=7')).toEqual({ max: 7 });
    expect(parseKeepAlive('max=ten, timeout=5')).toEqual({ timeoutMs: 5_000 });
    expect(parseKeepAlive('timeout=bad, timeout=5')).toEqual({ timeoutMs: 5_000 });
  });
});

const parameter = fc
  .record({
    name: fc.constantFrom('timeout', 'Timeout', 'TIMEOUT', 'max', 'Max', 'foo', ''),
    value: fc.oneof(
      fc.nat().map(String),
      fc.nat().map((n) => `"${n}"`),
      fc.constantFrom('', '0', '-1', '5s', '1e9', '9'.repeat(330), 'NaN', 'Infinity'),
    ),
    space: fc.constantFrom('', ' ', '\t', '  '),
  })
  .map(({ name, value, space }) => `${space}${name}${space}=${space}${value}${space}`);

function expectWithinBounds({ timeoutMs = 0, max = 0, ...others }: KeepAliveHint): void {
  expect(others).toEqual({});
  expect(Number.isInteger(timeoutMs) && timeoutMs >= 0 && timeoutMs <= DAY_MS).toBe(true);
  expect(Number.isSafeInteger(max) && max >= 0).toBe(true);
}

describe('whatever a server says', () => {
  test('the answer is a number within bounds, or nothing: never an error, never NaN', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => expectWithinBounds(parseKeepAlive(value))));
    const almost = fc.array(fc.oneof(parameter, fc.string()), { maxLength: 8 });
    fc.assert(fc.property(almost, (parts) => expectWithinBounds(parseKeepAlive(parts.join(',')))));
  });

  test('the order of its parameters does not matter', () => {
    const shuffled = fc
      .array(parameter, { maxLength: 6 })
      .chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })));
    fc.assert(
      fc.property(shuffled, ([parts, others]) => {
        expect(parseKeepAlive(others.join(','))).toEqual(parseKeepAlive(parts.join(',')));
      }),
    );
  });

  test('neither does it matter whether it says it in one header or in several', () => {
    const headers = fc.array(parameter, { minLength: 1, maxLength: 4 });
    const least = (numbers: (number | undefined)[]) => {
      const said = numbers.filter((number) => number !== undefined);
      return said.length > 0 ? Math.min(...said) : undefined;
    };
    fc.assert(
      fc.property(headers, (parts) => {
        const single = parts.map(parseKeepAlive);
        const joined = parseKeepAlive(parts.join(', '));
        expect(joined.timeoutMs).toBe(least(single.map((hint) => hint.timeoutMs)));
        expect(joined.max).toBe(least(single.map((hint) => hint.max)));
      }),
    );
  });

  test('case, quotes and white space do not matter', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(), fc.mixedCase(fc.constant('timeout')), (timeout, max, name) => {
        const plain = parseKeepAlive(`timeout=${timeout},max=${max}`);
        expect(parseKeepAlive(`${name} = "${timeout}" ; MAX="${max}"`)).toEqual(plain);
        expect(plain).toEqual({ timeoutMs: Math.min(timeout * 1000, DAY_MS), max });
      }),
    );
  });

  test('a header of a megabyte is read in no time, whatever it is made of', () => {
    for (const part of [' ', ',', '5', 'timeout=', ', ', ',timeout=5 ', 'timeout=5x,', '"']) {
      const value = `timeout=5${part.repeat(1_000_000 / part.length)}`;
      const begun = performance.now();
      expectWithinBounds(parseKeepAlive(value));
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
  });
});

describe('how many requests a connection may still carry', () => {
  test('Apache counts down: what it said last is what is left', () => {
    expect(requestsLeft(100, 99, 2)).toBe(99);
    expect(requestsLeft(100, 1, 100)).toBe(1);
    expect(requestsLeft(100, 0, 101)).toBe(0);
  });

  test('Node repeats the total: what has been served is taken off', () => {
    expect(requestsLeft(100, 100, 1)).toBe(99);
    expect(requestsLeft(100, 100, 99)).toBe(1);
    expect(requestsLeft(100, 100, 100)).toBe(0);
  });

  test('a server that says nothing takes any number', () => {
    expect(requestsLeft(undefined, undefined, 1_000_000)).toBe(Number.POSITIVE_INFINITY);
    expect(requestsLeft(undefined, 5, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(requestsLeft(5, undefined, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a connection is used to its end, to within one request, and not beyond, whichever way the server counts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.boolean(), (total, countsDown) => {
        let served = 0;
        let left = Number.POSITIVE_INFINITY;
        while (left > 0 && served < 1_000) {
          served++;
          left = requestsLeft(countsDown ? total - 1 : total, countsDown ? total - served : total, served);
        }
        expect(served).toBeLessThanOrEqual(total);
        // the first response does not show which way the server counts, and the lower number is the one to believe
        expect(served).toBeGreaterThanOrEqual(countsDown ? total - 1 : total);
      }),
    );
  });

  test('the count is never negative', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (first, last, served) => {
        expect(requestsLeft(first, last, served)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('what a hardened server says of itself', () => {
  const promise = { keepAliveTimeoutMs: 65_000, limitMs: 66_000, maxRequests: 0 };

  test('is what every client understands, and to the millisecond for those of Holdline', () => {
    expect(keepAliveHint(promise)).toBe('timeout=65, limit-ms=66000');
    expect(keepAliveHint({ ...promise, maxRequests: 100 })).toBe('timeout=65, max=100, limit-ms=66000');
  });

  test('is never more than the truth, and is read as it was meant', () => {
    fc.assert(
      fc.property(fc.nat(DAY_MS - 1), fc.nat(1_000), fc.nat(1_000), (keepAliveTimeoutMs, bufferMs, maxRequests) => {
        const limitMs = Math.min(DAY_MS, keepAliveTimeoutMs + bufferMs);
        const read = parseKeepAlive(keepAliveHint({ keepAliveTimeoutMs, limitMs, maxRequests }));
        expect(read).toEqual({
          timeoutMs: Math.floor(keepAliveTimeoutMs / 1000) * 1000,
          limitMs,
          ...(maxRequests > 0 && { max: maxRequests }),
        });
      }),
    );
  });

  test('counts in its lowest where it is repeated, and is passed over where it is malformed', () => {
    expect(parseKeepAlive('timeout=5, limit-ms=6000, limit-ms=5500')).toEqual({ timeoutMs: 5_000, limitMs: 5_500 });
    expect(parseKeepAlive('timeout=5, limit-ms=6s')).toEqual({ timeoutMs: 5_000 });
  });
});

test('an exact limit that a connection was told once still holds while its server promises the same', () => {
  const told = { timeoutMs: 65_000, limitMs: 66_000 };
  expect(heldHint(told, { timeoutMs: 65_000, max: 9 })).toEqual({ timeoutMs: 65_000, max: 9, limitMs: 66_000 });
  expect(heldHint(told, { timeoutMs: 5_000 })).toEqual({ timeoutMs: 5_000 });
  expect(heldHint(told, { timeoutMs: 65_000, limitMs: 65_100 })).toEqual({ timeoutMs: 65_000, limitMs: 65_100 });
  expect(heldHint({ timeoutMs: 65_000 }, { timeoutMs: 65_000 })).toEqual({ timeoutMs: 65_000 });
});
