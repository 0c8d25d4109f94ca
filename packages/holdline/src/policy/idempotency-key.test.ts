import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle } from '../line/options.js';
import { formatKey, type KeyFacts, keySource } from './idempotency-key.js';
import { HONOURS_KEYS } from './known-origins.js';

/** A POST without a key, to an origin that honours keys, of a caller who wants one. */
const post: KeyFacts = { method: 'POST', sent: undefined, honoured: true, auto: true };

describe('a key', () => {
  test('is made for a POST or PATCH that has none', () => {
    expect(keySource(post)).toBe('fresh');
    expect(keySource({ ...post, method: 'PATCH' })).toBe('fresh');
  });

  test('is not made for what is idempotent, for what the caller does not want one for, or where it is not honoured', () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'QUERY', 'post']) {
      expect(keySource({ ...post, method })).toBe('none');
    }
    expect(keySource({ ...post, auto: false })).toBe('none');
    expect(keySource({ ...post, honoured: false })).toBe('none');
  });

  test('of the caller counts where it is honoured, whatever the method', () => {
    expect(keySource({ ...post, sent: 'mine', auto: false })).toBe('sent');
    expect(keySource({ ...post, sent: 'mine', method: 'LOCK' })).toBe('sent');
    expect(keySource({ ...post, sent: 'mine', honoured: false })).toBe('none');
  });

  test('of the caller that is empty protects nothing, and is not replaced', () => {
    expect(keySource({ ...post, sent: '' })).toBe('none');
    expect(keySource({ ...post, sent: ' ' })).toBe('none');
  });
});

test('a quoted key is a string of structured fields, from which the key can be read back', () => {
  expect(formatKey('8e03978e', 'quoted')).toBe('"8e03978e"');
  fc.assert(
    fc.property(fc.stringMatching(/^[\x20-\x7e]*$/), (key) => {
      const written = formatKey(key, 'quoted');
      expect(written).toMatch(/^"([^"\\]|\\["\\])*"$/);
      expect(written.slice(1, -1).replace(/\\(.)/g, '$1')).toBe(key);
      expect(formatKey(key, 'raw')).toBe(key);
    }),
  );
});

test('the origins that are known to honour keys are those that an agent knows', () => {
  const known = Array.from(settle({}, {}).origins).filter(([, { idempotencyKeys }]) => idempotencyKeys);
  expect(known.map(([name]) => name)).toEqual(HONOURS_KEYS);
});
