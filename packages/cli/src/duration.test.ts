import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.js';

test.each([
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['10m', 600_000],
  ['2h', 7_200_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['5', '', 's', '5 s', '-5s', '0s', '5S', '5sec', '1e3ms', '.5s', '25d', '600h'])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow(/expected a number above 0 with ms, s, m or h, such as 250ms, 5s or 10m/);
});

test.each([
  [0.5, '0.5 ms'],
  [250, '250 ms'],
  [5_000, '5 s'],
  [90_000, '90 s'],
  [350_000, '350 s'],
  [60_000, '1 min'],
  [600_000, '10 min'],
  [7_200_000, '2 h'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
