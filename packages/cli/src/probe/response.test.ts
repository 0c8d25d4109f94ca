import { describe, expect, test } from 'vitest';
import { BodyTooLargeError, NotHttpError, type ResponseHead, ResponseReader, readHint } from './response.js';

/** Reads a response in pieces of some bytes; tells after how many bytes it was complete. */
function read(text: string, method = 'GET', pieceBytes = text.length): { head?: ResponseHead; bytes: number } {
  const reader = new ResponseReader(method);
  for (let at = 0; at < text.length; at += pieceBytes) {
    const head = reader.push(Buffer.from(text.slice(at, at + pieceBytes), 'latin1'));
    if (head) return { head, bytes: Math.min(text.length, at + pieceBytes) };
  }
  return { bytes: text.length };
}

const bodies = {
  'Content-Length': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n',
  'after informational ones':
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
  'none, by status': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
};

describe('a response is complete at its very last byte, however it is cut', () => {
  for (const [name, text] of Object.entries(bodies)) {
    test.each([1, 2, 7, text.length])(`${name}, in pieces of %i`, (pieceBytes) => {
      const { head, bytes } = read(text, 'GET', pieceBytes);
      expect(head?.keepsOpen).toBe(true);
      expect(bytes).toBe(text.length);
    });
  }

  test('to HEAD there is no body, whatever the headers say', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD').head?.status).toBe(200);
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'GET').head).toBeUndefined();
  });

  test('without a length it ends with the connection, which cannot be reused', () => {
    const reader = new ResponseReader('GET');
    expect(reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello'))).toBeUndefined();
    expect(reader.end()).toMatchObject({ status: 200, keepsOpen: false });
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
  ])('%j keeps the connection: %s', (text, keepsOpen) => {
    expect(read(text).head?.keepsOpen).toBe(keepsOpen);
  });
});

test.each(['SSH-2.0-x\r\n', 'HTTP/2.0 200 OK\r\n\r\n', '\r\n\r\n', '<html>'])('%j is no HTTP', (text) => {
  expect(() => read(text)).toThrow(NotHttpError);
});

test('a body that is too large to be read is given up', () => {
  const reader = new ResponseReader('GET');
  const megabyte = Buffer.alloc(1_048_576);
  expect(() => {
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n'));
    for (let count = 0; count < 20; count++) reader.push(megabyte);
  }).toThrow(BodyTooLargeError);
});

test.each([
  ['timeout=5', { timeoutMs: 5_000 }],
  ['max=10, timeout=5', { timeoutMs: 5_000, max: 10 }],
  ['Timeout="72"', { timeoutMs: 72_000 }],
  ['timeout=65, limit-ms=66000', { timeoutMs: 65_000 }],
  ['5', {}],
])('Keep-Alive: %s', (value, hint) => {
  expect(readHint({ 'keep-alive': value })).toEqual(hint);
});
