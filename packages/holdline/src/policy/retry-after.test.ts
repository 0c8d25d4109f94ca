import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);

test('seconds are seconds, however many', () => {
  expect(retryAfterMs({ retryAfter: '0' }, NOW)).toBe(0);
  expect(retryAfterMs({ retryAfter: ' 120 ' }, NOW)).toBe(120_000);
  expect(retryAfterMs({ retryAfter: '9'.repeat(400) }, NOW)).toBe(Number.MAX_SAFE_INTEGER);
});

test('a date is so far away as the server itself sees it, if it says what time it has', () => {
  const retryAfter = 'Wed, 25 Nov 2026 12:00:30 GMT';
  expect(retryAfterMs({ retryAfter }, NOW)).toBe(30_000);
  expect(retryAfterMs({ retryAfter, date: 'Wed, 25 Nov 2026 12:00:20 GMT' }, NOW)).toBe(10_000);
  expect(retryAfterMs({ retryAfter, date: 'yesterday' }, NOW)).toBe(30_000);
});

test('a date that has passed asks for no wait', () => {
  expect(retryAfterMs({ retryAfter: 'Wed, 25 Nov 2026 11:59:00 GMT' }, NOW)).toBe(0);
});

test('what is neither says nothing, so that the backoff stands alone', () => {
  for (const retryAfter of ['', 'soon', '-1', '+1', '1.5', '1e3', '0x10', '5s', '5, 5', '٥', '2026-11-25']) {
    expect(retryAfterMs({ retryAfter }, NOW), retryAfter).toBeUndefined();
  }
});
