import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { HangUpStory } from './hang-up.js';
import { HangUpError, isHangUpError } from './hang-up-error.js';

const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const story: HangUpStory = {
  reason: 'no-evidence',
  evidence: 'none',
  reused: true,
  idleMs: 4_987,
  limitMs: 4_000,
  hintMs: 5_000,
  origin: 'http://billing:3000',
  requests: 12,
  method: 'POST',
  how: 'fin',
  mayRunTwice: false,
};

describe('the error that a client gets', () => {
  const error = new HangUpError(story, cause);

  test('is taken by existing handlers for what it always was', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'ECONNRESET', name: 'HangUpError', cause });
    expect(error.message).toMatch(/^socket hang up: /);
    expect(error.stack).toContain('HangUpError: socket hang up');
  });

  test('says in its message what Node says, and in its stack the rest, where no reuse is to blame', () => {
    const fresh = new HangUpError({ ...story, reason: 'fresh-connection', reused: false, inNodesWords: true }, cause);
    expect(fresh.message).toBe('socket hang up');
    expect(fresh.stack).toContain('under a POST. The server may have got it. It was not sent again: this was a new');
    expect(inspect(fresh)).toContain('Look for a crash');
    expect(Object.keys(fresh).sort()).toEqual(['code', 'hangUp', 'name']);
  });

  test('holds what was seen, and nothing else', () => {
    const { method: _method, how: _how, mayRunTwice: _mayRunTwice, ...seen } = story;
    expect(error.hangUp).toEqual({ ...seen, verdict: 'surface', fix: expect.stringContaining('Idempotency-Key') });
  });

  test('holds nothing of the request but what says where it went: no path, query, header or body', () => {
    const names = [
      'evidence',
      'fix',
      'hintMs',
      'idleMs',
      'limitMs',
      'origin',
      'reason',
      'requests',
      'reused',
      'verdict',
    ];
    expect(Object.keys(error.hangUp).sort()).toEqual(names);
    expect(Object.keys(error).sort()).toEqual(['code', 'hangUp', 'name']);
  });

  test('can be logged: by inspect and as JSON', () => {
    expect(inspect(error)).toContain("reason: 'no-evidence'");
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'ECONNRESET', hangUp: { reason: 'no-evidence' } });
  });
});

describe('isHangUpError', () => {
  test('knows the error of another copy of Holdline in the same process', async () => {
    vi.resetModules();
    const copy = await import('./hang-up-error.js');
    expect(copy.HangUpError).not.toBe(HangUpError);
    const theirs = new copy.HangUpError(story, cause);
    expect(theirs).not.toBeInstanceOf(HangUpError);
    expect(isHangUpError(theirs)).toBe(true);
    expect(copy.isHangUpError(new HangUpError(story, cause))).toBe(true);
  });

  test('says no to anything else', () => {
    for (const other of [
      cause,
      new Error('x'),
      undefined,
      null,
      'ECONNRESET',
      5,
      {},
      { code: 'ECONNRESET', hangUp: {} },
    ]) {
      expect(isHangUpError(other)).toBe(false);
    }
  });
});
