import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStale408, ResponseHead } from './response-head.js';

function read(...chunks: string[]): ResponseHead {
  const head = new ResponseHead();
  for (const chunk of chunks) head.read(Buffer.from(chunk, 'latin1'));
  return head;
}

const whatIsRead = ({ whole, status, hint }: ResponseHead) => ({ whole, status, hint });
const response = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const OK = response('HTTP/1.1 200 OK', 'Content-Length: 2', 'Keep-Alive: timeout=5, max=10');
const HINT = { timeoutMs: 5_000, max: 10 };

describe('of a response is read', () => {
  test('its status and its hint', () => {
    expect(whatIsRead(read(OK))).toEqual({ whole: true, status: 200, hint: HINT });
    expect(whatIsRead(read(`${OK}ok`))).toEqual({ whole: true, status: 200, hint: HINT });
  });

  test('the hint in any case and place, and several as one', () => {
    expect(read(response('HTTP/1.0 200 OK', 'KEEP-ALIVE:timeout=5', 'X: y')).hint).toEqual({ timeoutMs: 5_000 });
    expect(read(response('HTTP/1.1 200 OK', 'keep-alive: max=3', 'X: y', 'Keep-Alive: timeout=5 ')).hint).toEqual({
      timeoutMs: 5_000,
      max: 3,
    });
  });

  test('no hint where there is none', () => {
    expect(read(response('HTTP/1.1 200 OK')).hint).toBeUndefined();
    expect(read(response('HTTP/1.1 200 OK', 'Connection: keep-alive', 'X-Keep-Alive: timeout=5')).hint).toBeUndefined();
    expect(read(response('HTTP/1.1 200 OK', 'Keep-Alive: forever')).hint).toEqual({});
  });

  test('nothing of its body, though it may look like a head', () => {
    const body = '\r\nKeep-Alive: timeout=1\r\n\r\nHTTP/1.1 408 Request Timeout\r\n\r\n';
    expect(whatIsRead(read(OK, body))).toEqual({ whole: true, status: 200, hint: HINT });
    expect(whatIsRead(read(response('HTTP/1.1 204 No Content') + body))).toMatchObject({
      status: 204,
      hint: undefined,
    });
  });

  test('the status as soon as its three digits are there', () => {
    expect(read('HTTP/1.1 20').status).toBeUndefined();
    expect(whatIsRead(read('HTTP/1.1 200'))).toEqual({ whole: false, status: 200, hint: undefined });
  });
});

describe('interim responses are not the response', () => {
  const before = [
    response('HTTP/1.1 100 Continue'),
    response('HTTP/1.1 103 Early Hints', 'Link: </a.css>', 'Keep-Alive: timeout=1'),
    response('HTTP/1.1 102 Processing'),
  ];

  test('100, 102 and 103 come before the one that counts, in one piece with it or not', () => {
    expect(whatIsRead(read(before.join('') + OK))).toEqual({ whole: true, status: 200, hint: HINT });
    expect(whatIsRead(read(...before, OK))).toEqual({ whole: true, status: 200, hint: HINT });
    expect(read(...before).whole).toBe(false);
  });

  test('101 is the last one: the protocol changes', () => {
    expect(whatIsRead(read(response('HTTP/1.1 101 Switching Protocols')))).toMatchObject({ whole: true, status: 101 });
  });

  test('while the response after an interim one has not begun, its status is not taken for another', () => {
    expect(read(before[0] ?? '', 'HTTP/1.1 4').status).toBe(100);
    expect(read(before[0] ?? '', 'HTTP/1.1 417').status).toBe(417);
  });
});

test('a response may be split at any byte', () => {
  const text = `${response('HTTP/1.1 100 Continue')}${response('HTTP/1.1 103 Early Hints', 'Keep-Alive: max=1')}${OK}ok\r\n\r\n`;
  for (let at = 0; at <= text.length; at++) {
    expect(whatIsRead(read(text.slice(0, at), text.slice(at)))).toEqual({ whole: true, status: 200, hint: HINT });
  }
  expect(whatIsRead(read(...text.split('')))).toEqual({ whole: true, status: 200, hint: HINT });
});

test('a response may be split at any number of places', () => {
  const interims = fc.array(
    fc.constantFrom(response('HTTP/1.1 100 Continue'), response('HTTP/1.1 103 X', 'Keep-Alive: max=1')),
    {
      maxLength: 3,
    },
  );
  const fields = fc.subarray(['Date: x', 'Keep-Alive: timeout=7', 'Connection: keep-alive', 'Keep-Alive: max=4']);
  const final = fc.tuple(fc.constantFrom(200, 204, 404, 408, 500), fields);
  fc.assert(
    fc.property(interims, final, fc.array(fc.nat(), { maxLength: 8 }), (before, [status, lines], cuts) => {
      const text = before.join('') + response(`HTTP/1.1 ${status} X`, ...lines);
      const places = [0, ...cuts.map((cut) => cut % text.length), text.length].sort((a, b) => a - b);
      const pieces = places.slice(1).map((to, index) => text.slice(places[index], to));
      expect(whatIsRead(read(...pieces))).toEqual(whatIsRead(read(text)));
      expect(read(...pieces)).toMatchObject({ whole: true, status });
    }),
  );
});

describe('what is no response', () => {
  test('is read without complaint, and no further than a head may be long', () => {
    expect(whatIsRead(read('\x15\x03\x03\x00\x02\x02\x16'))).toEqual({
      whole: false,
      status: undefined,
      hint: undefined,
    });
    const head = read('HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(70_000));
    expect(head.whole).toBe(true);
    head.read(Buffer.from('\r\nKeep-Alive: timeout=5\r\n\r\n'));
    expect(head.hint).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
        expect(read(...chunks.map((chunk) => Buffer.from(chunk).toString('latin1'))).status ?? 0).toBeLessThan(1_000);
      }),
    );
  });
});

describe('a 408 with which a server takes leave', () => {
  const farewell = 'HTTP/1.1 408 Request Timeout\r\n';

  test('is known by its first twelve bytes, and may be one as long as there are fewer', () => {
    for (let length = 0; length < 12; length++) {
      expect(isStale408(Buffer.from(farewell.slice(0, length))), String(length)).toBe('maybe');
    }
    for (let length = 12; length <= farewell.length; length++) {
      expect(isStale408(Buffer.from(farewell.slice(0, length))), String(length)).toBe('yes');
    }
  });

  test('is no other status, nor anything else', () => {
    for (const text of [
      OK,
      'HTTP/1.1 409 ',
      'HTTP/1.1 400 ',
      'HTTP/1.1 2',
      'HTTP/2',
      'h',
      '408',
      '\x16\x03\x01',
      ' HTTP/1.1 408',
    ]) {
      expect(isStale408(Buffer.from(text)), text).toBe('no');
    }
  });

  test('is told from everything else by its beginning alone', () => {
    fc.assert(
      fc.property(fc.nat(14), fc.string({ maxLength: 6 }), (length, more) => {
        const start = farewell.slice(0, length) + more;
        const known = start.startsWith('HTTP/1.1 408') ? 'yes' : 'HTTP/1.1 408'.startsWith(start) ? 'maybe' : 'no';
        expect(isStale408(Buffer.from(start))).toBe(known);
      }),
    );
  });
});
