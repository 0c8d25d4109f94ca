import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../policy/evidence.js';
import type { Reason } from '../policy/verdict.js';
import { explain, type HangUpStory } from './hang-up.js';

const SURFACING: readonly Reason[] = [
  'aborted',
  'response-started',
  'fresh-connection',
  'already-replayed',
  'not-recorded',
  'replay-off',
  'budget-empty',
  'no-evidence',
  'replay-connect-failed',
];
/** These lead to a replay, so nobody reads why it surfaced. */
const CURED: readonly Reason[] = ['unsent', 'idempotent', 'keyed', 'undelivered', 'likely'];

const story: HangUpStory = {
  reason: 'no-evidence',
  evidence: 'none',
  reused: true,
  idleMs: 4_987,
  limitMs: 4_000,
  hintMs: undefined,
  origin: 'http://billing:3000',
  requests: 12,
  method: 'POST',
  how: 'fin',
  mayRunTwice: false,
};

describe('a hang-up that surfaces is explained', () => {
  test('to one who asked for evidence only, not as if a GET needed a key', () => {
    const { message, fix } = explain({ ...story, method: 'GET', mayRunTwice: true });
    expect(message).not.toContain('idempotency key');
    expect(fix).toBe("Set replay: 'safe'.");
  });

  test('as a colleague would: who closed, after what idle time, under what, whether it arrived, why it was not sent again, what to do', () => {
    expect(explain(story).message).toBe(
      'socket hang up: http://billing:3000 closed a connection that had been idle for 5.0 s and had served 12 requests, ' +
        'under a POST. The server may have got it. It was not sent again: nothing shows that the server did not get it, ' +
        'and a POST without an idempotency key that the origin honours must not run twice. ' +
        "Send an Idempotency-Key and declare origins['http://billing:3000'].idempotencyKeys if the server honours it; " +
        "if this server closes after about 5.0 s, state it in origins['http://billing:3000'].idleLimitMs: 4987.",
    );
  });

  test('on a new connection without a word of idle time', () => {
    const { message } = explain({
      ...story,
      reason: 'fresh-connection',
      reused: false,
      requests: 0,
      idleMs: 0,
      how: 'reset',
      mayRunTwice: false,
    });
    expect(message).toMatch(
      /^socket hang up: http:\/\/billing:3000 reset a new connection, under a POST\. The server may have got it\. It was not sent again: this was a new connection, so its idle time is not the cause\. Look for a crash/,
    );
  });

  test('with one request in the singular', () => {
    expect(explain({ ...story, requests: 1 }).message).toContain('had served 1 request,');
    expect(explain({ ...story, requests: 0 }).message).toContain('had served 0 requests,');
  });

  test('with the cause, where the connection for a replay could not be opened', () => {
    const detail = 'connect ECONNREFUSED 127.0.0.1:3000';
    const { message } = explain({ ...story, reason: 'replay-connect-failed', detail });
    expect(message).toContain(`It was not sent again: no new connection could be opened (${detail}).`);
  });

  test('with what is known of whether the server got it', () => {
    const said: Readonly<Record<Evidence, string>> = {
      unsent: 'None of it was sent.',
      undelivered: 'The server did not get it.',
      likely: 'The server probably did not get it.',
      none: 'The server may have got it.',
      unsought: 'The server may have got it.',
    };
    for (const [evidence, sentence] of Object.entries(said)) {
      expect(explain({ ...story, evidence: evidence as Evidence }).message).toContain(` ${sentence} `);
    }
  });

  test('with how it ended', () => {
    const verbs = { fin: 'closed', reset: 'reset', error: 'broke off' };
    for (const [how, verb] of Object.entries(verbs))
      expect(explain({ ...story, how }).message).toContain(`:3000 ${verb} a`);
  });
});

for (const reason of SURFACING) {
  test(`the reason ${reason} says why, and what to change`, () => {
    const { message, fix } = explain({ ...story, reason });
    const why = /It was not sent again: (.+?)\. /.exec(message)?.[1] ?? '';
    expect(why.length).toBeGreaterThan(10);
    expect(fix).toMatch(/^[A-Z].{10,}[.]$/s);
    expect(message.endsWith(fix)).toBe(true);
  });
}

test('each reason either says what to change, or leads to a replay that needs no explanation', () => {
  for (const reason of CURED) expect(explain({ ...story, reason }).fix).toBe('');
  expect(new Set([...SURFACING, ...CURED]).size).toBe(14);
});

describe('the advice to state an idle limit', () => {
  test('is given where the connection had been idle for a time that a limit may have', () => {
    expect(explain({ ...story, reason: 'budget-empty' }).fix).toContain('idleLimitMs: 4987');
    expect(explain({ ...story, idleMs: 499 }).fix).not.toContain('idleLimitMs');
    expect(explain({ ...story, reused: false }).fix).not.toContain('idleLimitMs');
  });
});

test('whatever happened, the words are whole: no undefined, no NaN, no gap, and the remedy last', () => {
  const anyStory = fc.record({
    reason: fc.constantFrom(...SURFACING),
    evidence: fc.constantFrom<Evidence>('unsent', 'undelivered', 'likely', 'none', 'unsought'),
    reused: fc.boolean(),
    idleMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    limitMs: fc.nat(),
    hintMs: fc.option(fc.nat(), { nil: undefined }),
    origin: fc.constantFrom('http://b', 'https://[::1]:8443', 'unix:/run/b.sock'),
    requests: fc.nat(),
    method: fc.constantFrom('GET', 'POST', 'request'),
    how: fc.constantFrom('fin', 'reset', '408', 'error'),
    mayRunTwice: fc.boolean(),
  });
  fc.assert(
    fc.property(anyStory, (each) => {
      const { message, fix } = explain(each);
      expect(message).toMatch(/^socket hang up: (http|unix)/);
      expect(message).not.toMatch(/undefined|NaN|null|\[object| {2}|\.\.|\s$/);
      expect(message.endsWith(`. ${fix}`)).toBe(true);
    }),
  );
});
