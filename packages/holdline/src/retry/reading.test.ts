import { describe, expect, test } from 'vitest';
import { HangUpError } from '../events/hang-up-error.js';
import type { Evidence } from '../policy/evidence.js';
import type { Reason } from '../policy/verdict.js';
import { type Outcome, readOutcome } from './reading.js';

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);
const STATUSES = new Set([408, 425, 429, 502, 503, 504]);

const read = (outcome: Outcome) => readOutcome(outcome, STATUSES, NOW);
const given = (result: unknown) => read({ ok: true, result });
const thrown = (error: unknown) => read({ ok: false, error });
const withCode = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
const wrapped = (cause: unknown, more: object = {}) => Object.assign(new Error('wrapped', { cause }), more);

const refusal = withCode('ECONNREFUSED', { syscall: 'connect' });
const unsent = (code: string) => ({ kind: 'failure', code, unsent: true });
const maybeSent = (code: string) => ({ kind: 'failure', code, unsent: false });
const FAULT = { kind: 'fault' };
const ANSWER = { kind: 'answer' };

describe('a response that asks to come again is known, whichever client made it', () => {
  const asked = { kind: 'status', status: 503, retryAfterMs: 2_000 };
  const headers = { 'retry-after': '2' };
  const shapes: Readonly<Record<string, unknown>> = {
    'node:http, got, undici': { statusCode: 503, headers },
    'undici, a header that came twice': { statusCode: 503, headers: { 'retry-after': ['2', '9'] } },
    'axios, superagent': { status: 503, headers },
    fetch: new Response('', { status: 503, headers }),
    'names in another case': { status: 503, headers: { 'Retry-After': '2' } },
    'a number for a value': { status: 503, headers: { 'retry-after': 2 } },
  };
  for (const [name, response] of Object.entries(shapes)) {
    test(`given: ${name}`, () => expect(given(response)).toEqual(asked));
    test(`thrown in error.response: ${name}`, () => expect(thrown(wrapped(undefined, { response }))).toEqual(asked));
  }

  test('thrown as an error with a status of its own', () => {
    expect(thrown(wrapped(undefined, { statusCode: 503, headers }))).toEqual(asked);
    expect(thrown(wrapped(undefined, { status: 429 }))).toEqual({ kind: 'status', status: 429 });
  });

  test('without a Retry-After, or with one that says nothing, no wait is asked for', () => {
    expect(given({ statusCode: 502, headers: {} })).toEqual({ kind: 'status', status: 502 });
    expect(given({ statusCode: 502, headers: { 'retry-after': 'soon' } })).toEqual({ kind: 'status', status: 502 });
  });

  test("a date is reckoned by the server's own clock", () => {
    const dates = { 'retry-after': 'Wed, 25 Nov 2026 13:00:05 GMT', date: 'Wed, 25 Nov 2026 13:00:00 GMT' };
    expect(given({ statusCode: 503, headers: dates })).toEqual({ kind: 'status', status: 503, retryAfterMs: 5_000 });
  });
});

describe('an answer is an answer', () => {
  const answers: Readonly<Record<string, unknown>> = {
    'a good response': { statusCode: 200, headers: {} },
    'a response for good': { statusCode: 404, headers: {} },
    'a status that no header stands beside, for it may be the program’s own': { status: 503, order: 7 },
    'a status beside headers that are none': { status: 503, headers: null },
    nothing: undefined,
    null: null,
    'a string': '503',
    'what throws when it is looked at': Object.defineProperty({}, 'statusCode', {
      get: () => {
        throw new Error('not now');
      },
    }),
  };
  for (const [name, result] of Object.entries(answers)) test(name, () => expect(given(result)).toEqual(ANSWER));
});

describe('a failure which shows that nothing was sent', () => {
  const failures: readonly [name: string, error: unknown, code: string][] = [
    ['a refused connection', refusal, 'ECONNREFUSED'],
    ['a name that is not resolved', withCode('EAI_AGAIN', { syscall: 'getaddrinfo' }), 'EAI_AGAIN'],
    ['a connect that the kernel gave up', withCode('ETIMEDOUT', { syscall: 'connect' }), 'ETIMEDOUT'],
    ['fetch: it stands in the cause', wrapped(refusal), 'ECONNREFUSED'],
    [
      'axios with fetch: two causes deep, under a code of its own',
      wrapped(wrapped(refusal), { code: 'ERR_NETWORK' }),
      'ECONNREFUSED',
    ],
    [
      'axios, got: the code is repeated, the system call is not',
      wrapped(withCode('ETIMEDOUT', { syscall: 'connect' }), { code: 'ETIMEDOUT' }),
      'ETIMEDOUT',
    ],
    [
      'all addresses of a name were tried',
      Object.assign(new AggregateError([withCode('ETIMEDOUT', { syscall: 'connect' }), refusal]), {
        code: 'ETIMEDOUT',
      }),
      'ETIMEDOUT',
    ],
  ];
  for (const [name, error, code] of failures) test(name, () => expect(thrown(error)).toEqual(unsent(code)));
});

describe('a failure after which the server may have the request', () => {
  const failures: readonly [name: string, error: unknown, code: string][] = [
    ['a hang-up', withCode('ECONNRESET'), 'ECONNRESET'],
    ['a broken pipe', withCode('EPIPE', { syscall: 'write' }), 'EPIPE'],
    ['undici', wrapped(withCode('UND_ERR_SOCKET')), 'UND_ERR_SOCKET'],
    ["a client's timeout, whatever phase it was in", withCode('ETIMEDOUT'), 'ETIMEDOUT'],
    [
      "undici's connect timeout: a timer of the client's",
      wrapped(withCode('UND_ERR_CONNECT_TIMEOUT')),
      'UND_ERR_CONNECT_TIMEOUT',
    ],
    ['a connection that went silent', withCode('ETIMEDOUT', { syscall: 'read' }), 'ETIMEDOUT'],
    ['a host that became unreachable under the request', withCode('EHOSTUNREACH', { syscall: 'read' }), 'EHOSTUNREACH'],
    ['AbortSignal.timeout(), which has a number for a code', new DOMException('late', 'TimeoutError'), 'TimeoutError'],
    ['a response that broke off', withCode('ECONNRESET', { response: { statusCode: 200, headers: {} } }), 'ECONNRESET'],
    [
      'a refused connection after a response',
      Object.assign(withCode('ECONNREFUSED', { syscall: 'connect' }), { response: { status: 200, headers: {} } }),
      'ECONNREFUSED',
    ],
    [
      'one of the addresses took the connection',
      Object.assign(new AggregateError([refusal, withCode('ECONNRESET', { syscall: 'read' })]), {
        code: 'ECONNREFUSED',
      }),
      'ECONNREFUSED',
    ],
  ];
  for (const [name, error, code] of failures) test(name, () => expect(thrown(error)).toEqual(maybeSent(code)));
});

describe('a HangUpError says itself what the server has', () => {
  const hangUp = (evidence: Evidence, reason: Reason = 'no-evidence') =>
    new HangUpError(
      {
        reason,
        evidence,
        reused: true,
        idleMs: 4_987,
        limitMs: 4_000,
        hintMs: undefined,
        origin: 'http://b:3000',
        requests: 12,
        method: 'POST',
        how: 'fin',
        mayRunTwice: false,
      },
      withCode('ECONNRESET'),
    );

  test('unsent and undelivered: the server never got it', () => {
    expect(thrown(hangUp('unsent'))).toEqual(unsent('ECONNRESET'));
    expect(thrown(hangUp('undelivered', 'replay-connect-failed'))).toEqual(unsent('ECONNRESET'));
  });

  test('anything less is no proof', () => {
    for (const evidence of ['likely', 'none', 'unsought'] as const) {
      expect(thrown(hangUp(evidence)), evidence).toEqual(maybeSent('ECONNRESET'));
    }
  });

  test('it is found below what a client wraps it in', () => {
    expect(thrown(wrapped(hangUp('undelivered'), { code: 'ECONNRESET' }))).toEqual(unsent('ECONNRESET'));
  });

  test('aborted: the request is not wanted any more', () => {
    expect(thrown(hangUp('unsent', 'aborted'))).toEqual(FAULT);
  });
});

describe('an error that another attempt would not mend', () => {
  const faults: Readonly<Record<string, unknown>> = {
    'a fault in the program': new TypeError('x is not a function'),
    'an abort': new DOMException('no more', 'AbortError'),
    'a certificate': withCode('CERT_HAS_EXPIRED'),
    'a file that is not there': withCode('ENOENT', { syscall: 'open' }),
    'a response for good': wrapped(undefined, { response: { status: 400, headers: {} } }),
    'a code that is no string': Object.assign(new Error('x'), { code: 5 }),
    'a cause that is its own cause': Object.assign(new Error('x'), {
      get cause(): unknown {
        return this;
      },
    }),
    'no error at all': 'ECONNRESET',
    nothing: undefined,
    'what throws when it is looked at': new Proxy(
      {},
      {
        get: () => {
          throw new Error('not now');
        },
      },
    ),
  };
  for (const [name, error] of Object.entries(faults)) test(name, () => expect(thrown(error)).toEqual(FAULT));

  test('a cause too deep to be the cause is not looked for', () => {
    let error: unknown = refusal;
    for (let depth = 0; depth < 5; depth++) error = wrapped(error);
    expect(thrown(error)).toEqual(FAULT);
  });
});
