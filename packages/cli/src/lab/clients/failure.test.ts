import { expect, test } from 'vitest';
import { failureOf } from './failure.js';

const error = (message: string, fields: object) => Object.assign(new Error(message), fields);

test("each client's way to say that the connection ended is a hang-up, however deep it is wrapped", () => {
  expect(failureOf(error('socket hang up', { code: 'ECONNRESET' }), false)).toEqual({
    code: 'ECONNRESET',
    message: 'socket hang up',
    hangUp: true,
  });
  const undici = error('other side closed', { name: 'SocketError', code: 'UND_ERR_SOCKET' });
  expect(failureOf(error('fetch failed', { cause: undici }), false)).toMatchObject({
    code: 'UND_ERR_SOCKET',
    hangUp: true,
  });
});

test('it is none once the answer had begun, nor where there was no connection yet', () => {
  expect(failureOf(error('aborted', { code: 'ECONNRESET' }), true).hangUp).toBe(false);
  const connecting = error('connect ECONNRESET 127.0.0.1:1', { code: 'ECONNRESET', syscall: 'connect' });
  expect(failureOf(error('fetch failed', { cause: connecting }), false)).toMatchObject({
    code: 'connect ECONNRESET',
    hangUp: false,
  });
});

test("each client's way to say that it waited too long is called the same", () => {
  for (const one of [
    error('Timeout awaiting request', { name: 'TimeoutError', code: 'ETIMEDOUT' }),
    error('timeout of 2000ms exceeded', { code: 'ECONNABORTED' }),
    error('Headers Timeout Error', { code: 'UND_ERR_HEADERS_TIMEOUT' }),
    new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
  ])
    expect(failureOf(one, false)).toMatchObject({ code: 'timeout', hangUp: false });
});

test("Holdline's reason is read, also where a client has wrapped the error", () => {
  const held = error('hung up', { code: 'ECONNRESET', hangUp: { reason: 'no-evidence' } });
  expect(failureOf(error('AxiosError', { cause: held }), false)).toMatchObject({ hangUp: true, reason: 'no-evidence' });
});

test('what is no error at all is told, too', () => {
  expect(failureOf('gone', false)).toEqual({ code: 'none', message: 'gone', hangUp: false });
});
