import { describe, expect, test } from 'vitest';
import { meaningOf } from './failure-codes.js';

/** What each code says when it comes from the kernel's connect, and when from elsewhere. */
const table: Readonly<Record<string, readonly [connecting: string | undefined, otherwise: string | undefined]>> = {
  ECONNREFUSED: ['unsent', 'unsent'],
  ENOTFOUND: ['unsent', 'unsent'],
  EAI_AGAIN: ['unsent', 'unsent'],
  ETIMEDOUT: ['unsent', 'maybe-sent'],
  EHOSTUNREACH: ['unsent', 'maybe-sent'],
  EHOSTDOWN: ['unsent', 'maybe-sent'],
  ENETUNREACH: ['unsent', 'maybe-sent'],
  ENETDOWN: ['unsent', 'maybe-sent'],
  EADDRNOTAVAIL: ['unsent', undefined],
  EAGAIN: ['unsent', undefined],
  ENOENT: ['unsent', undefined],
  ECONNRESET: ['maybe-sent', 'maybe-sent'],
  EPIPE: ['maybe-sent', 'maybe-sent'],
  ECONNABORTED: ['maybe-sent', 'maybe-sent'],
  ERR_STREAM_PREMATURE_CLOSE: ['maybe-sent', 'maybe-sent'],
  ESOCKETTIMEDOUT: ['maybe-sent', 'maybe-sent'],
  TimeoutError: ['maybe-sent', 'maybe-sent'],
  UND_ERR_SOCKET: ['maybe-sent', 'maybe-sent'],
  UND_ERR_CONNECT_TIMEOUT: ['maybe-sent', 'maybe-sent'],
  UND_ERR_HEADERS_TIMEOUT: ['maybe-sent', 'maybe-sent'],
  UND_ERR_BODY_TIMEOUT: ['maybe-sent', 'maybe-sent'],
};

for (const [code, meanings] of Object.entries(table)) {
  test(`${code} is ${meanings[0]} of a connect, ${meanings[1] ?? 'a fault'} otherwise`, () => {
    expect([meaningOf(code, true), meaningOf(code, false)]).toEqual(meanings);
  });
}

describe('an error that the next attempt would meet again is not retried', () => {
  for (const code of [
    'ABORT_ERR',
    'ERR_CANCELED',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_INVALID_URL',
    'HPE_INVALID_CONSTANT',
    'UND_ERR_ABORTED',
    'UND_ERR_INVALID_ARG',
    'EACCES',
    'constructor',
    '',
  ]) {
    test(`«${code}»`, () => {
      expect([meaningOf(code, true), meaningOf(code, false)]).toEqual([undefined, undefined]);
    });
  }
});
