import { expect, test } from 'vitest';
import { type ChaosOptions, rulesOf, targetOf } from './settings.js';

const options = (more: Partial<ChaosOptions>): ChaosOptions => ({ to: '', seed: 1, ...more });
const http = targetOf('http://b:3000');

test.each([
  ['http://b', { host: 'b', port: 80, tls: false }],
  ['https://b', { host: 'b', port: 443, tls: true }],
  ['http://[::1]:3000/', { host: '::1', port: 3_000, tls: false }],
])('%s is where it says', (text, target) => {
  expect(targetOf(text)).toMatchObject(target);
});

test.each([
  ['b:3000', /carries http and https, not b/],
  ['3000', /not a URL/],
  ['ftp://b', /not ftp/],
  ['http://b/path', /path is for your client to say/],
  ['http://me:secret@b', /credentials are for your client/],
])('%s is refused, and told why', (text, why) => {
  expect(() => targetOf(text)).toThrow(why);
  expect(() => targetOf(text)).toThrow(/expected scheme, host and port/);
});

test('what was not asked for is no rule', () => {
  expect(rulesOf(options({}), http)).toEqual({});
  expect(rulesOf(options({ closeIdle: 5_000 }), http)).toEqual({ closeIdleMs: 5_000, closeBy: 'fin' });
  expect(rulesOf(options({ maxRequests: 5, 408: true, delay: 10 }), http)).toEqual({
    ...{ maxRequests: 5, closeBy: '408', delayMs: 10 },
  });
});

test.each([
  [{ rst: true, 408: true, closeIdle: 1 }, 'http://b', /--rst and --408: .* choose one/],
  [{ rst: true }, 'http://b', /--rst says how .* state one of them/],
  [{ 408: true, closeIdle: 1 }, 'https://b', /--408 needs an http target/],
  [{ maxRequests: 3 }, 'https://b', /--max-requests needs an http target/],
  [{ splitPause: 3 }, 'http://b', /state --split-at/],
])('%j for %s is refused, with the remedy', (more, to, why) => {
  expect(() => rulesOf(options(more), targetOf(to))).toThrow(why);
});
