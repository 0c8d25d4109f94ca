import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHttpDate } from './http-date.js';

const NOW = Date.UTC(2026, 10, 25);
const NOV_1994 = Date.UTC(1994, 10, 6, 8, 49, 37);

test('the three forms of RFC 9110 §5.6.7 are one moment', () => {
  expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', NOW)).toBe(NOV_1994);
  expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW)).toBe(NOV_1994);
  expect(parseHttpDate('Sun Nov  6 08:49:37 1994', NOW)).toBe(NOV_1994);
});

test('whatever date a server of today sends is understood, to the second', () => {
  const seconds = fc.integer({ min: Date.UTC(1800, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
  fc.assert(
    fc.property(seconds, (second) => {
      expect(parseHttpDate(new Date(second * 1000).toUTCString(), NOW)).toBe(second * 1000);
    }),
    { numRuns: 1_000 },
  );
});

test('every day of four years and of the turn of a century has its number', () => {
  for (const from of [Date.UTC(2023, 11, 25), Date.UTC(1899, 11, 25), Date.UTC(1999, 11, 25)]) {
    for (let day = 0; day < 1_470; day++) {
      const ms = from + day * 86_400_000;
      expect(parseHttpDate(new Date(ms).toUTCString(), NOW)).toBe(ms);
    }
  }
});

describe('a year of two digits', () => {
  const inYear = (short: string, nowMs: number) =>
    new Date(parseHttpDate(`Sunday, 06-Nov-${short} 08:49:37 GMT`, nowMs) ?? 0).getUTCFullYear();

  test('is never more than 50 years ahead', () => {
    expect(inYear('26', NOW)).toBe(2026);
    expect(inYear('76', NOW)).toBe(2076);
    expect(inYear('77', NOW)).toBe(1977);
    expect(inYear('99', NOW)).toBe(1999);
  });

  test('near the end of a century may lie in the next one', () => {
    expect(inYear('03', Date.UTC(2098, 5, 1))).toBe(2103);
    expect(inYear('97', Date.UTC(2098, 5, 1))).toBe(2097);
  });
});

describe('what is no HTTP date says nothing', () => {
  for (const text of [
    '',
    '120',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 29 Feb 2025 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    '1994-11-06T08:49:37Z',
    'Sun Nov 06 08:49:37 GMT 1994',
  ]) {
    test(`«${text}»`, () => expect(parseHttpDate(text, NOW)).toBeUndefined());
  }

  test('but a leap second and a leap day are dates', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', NOW)).toBe(Date.UTC(2017, 0, 1));
    expect(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT', NOW)).toBe(Date.UTC(2024, 1, 29));
  });
});
