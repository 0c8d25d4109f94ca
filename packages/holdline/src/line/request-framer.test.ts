import { describe, expect, test } from 'vitest';
import { type Framing, RequestFramer, type RequestHead } from './request-framer.js';

type Written = string | Uint8Array | readonly [text: string, encoding: BufferEncoding];

/** What the framer answers to each write. */
function answers(...writes: Written[]): Framing[] {
  const framer = new RequestFramer();
  return writes.map((each) => feed(framer, each));
}

function feed(framer: RequestFramer, each: Written): Framing {
  if (typeof each === 'string' || Buffer.isBuffer(each)) return framer.write(each, 'utf8');
  return framer.write(...(each as readonly [string, BufferEncoding]));
}

function headOf(text: string): RequestHead | undefined {
  const framer = new RequestFramer();
  framer.write(text, 'latin1');
  return framer.head;
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const GET = head('GET / HTTP/1.1', 'Host: b');
const post = (length: number) => head('POST / HTTP/1.1', 'Host: b', `Content-Length: ${length}`);
const CHUNKED = head('POST / HTTP/1.1', 'Transfer-Encoding: chunked');

describe('the end of a request is found', () => {
  test('without a body, at its empty line', () => {
    expect(answers(GET)).toEqual(['ended']);
    expect(answers('GET / HTTP/1.1\r\n', 'Host: b\r\n', '\r', '\n')).toEqual(['within', 'within', 'within', 'ended']);
    expect(answers(head('GET / HTTP/1.0'))).toEqual(['ended']);
    expect(answers(post(0))).toEqual(['ended']);
  });

  test('after as many bytes as Content-Length says, in one write with the head or in many', () => {
    expect(answers(`${post(5)}hello`)).toEqual(['ended']);
    expect(answers(post(5), 'he', 'llo')).toEqual(['within', 'within', 'ended']);
    expect(answers(Buffer.from(post(5)), Buffer.from('hel'), 'lo')).toEqual(['within', 'within', 'ended']);
  });

  test('in bytes and not in characters, whatever the encoding of what is written', () => {
    expect(answers([`${post(6)}äöü`, 'utf8'])).toEqual(['ended']);
    expect(answers([`${post(3)}äöü`, 'latin1'])).toEqual(['ended']);
    expect(answers(post(4), ['🙂', 'utf8'])).toEqual(['within', 'ended']);
    expect(answers(post(3), ['äöü', 'latin1'])).toEqual(['within', 'ended']);
    expect(answers(post(3), ['616263', 'hex'])).toEqual(['within', 'ended']);
    expect(answers(post(3), ['YW\nJj', 'base64'])).toEqual(['within', 'ended']);
    expect(answers(post(6), ['abc', 'utf16le'])).toEqual(['within', 'ended']);
    expect(answers([Buffer.from(GET).toString('base64'), 'base64'])).toEqual(['ended']);
  });

  test('after the last chunk and its trailers', () => {
    expect(answers(`${CHUNKED}0\r\n\r\n`)).toEqual(['ended']);
    expect(answers(CHUNKED, '5\r\nhello\r\n', '0\r\n', '\r\n')).toEqual(['within', 'within', 'within', 'ended']);
    expect(answers(CHUNKED, '5;name="a;b"\r\nhello\r\n0;last\r\nChecksum: 1\r\nX: 2\r\n\r\n')).toEqual([
      'within',
      'ended',
    ]);
    expect(answers(CHUNKED, 'A\r\n0123456789\r\n0 \r\n\r\n')).toEqual(['within', 'ended']);
  });

  test('where a chunk looks like the end of the body', () => {
    expect(answers(CHUNKED, '5\r\n0\r\n\r\n\r\n', '0\r\n\r\n')).toEqual(['within', 'within', 'ended']);
  });

  test('where chunk and framing are written apart, as Node does', () => {
    const writes: Written[] = [CHUNKED, '1a\r\n', Buffer.alloc(26), '\r\n', '0\r\n\r\n'];
    expect(answers(...writes)).toEqual(['within', 'within', 'within', 'within', 'ended']);
  });

  test('after empty lines that an old client put before the request', () => {
    expect(answers(`\r\n\r\n${GET}`)).toEqual(['ended']);
    expect(answers('\r', '\n', '\r\n', GET)).toEqual(['within', 'within', 'within', 'ended']);
    expect(headOf(`\r\n\r\n${post(0)}`)).toEqual({ method: 'POST', hasKey: false, leavesHttp: false });
  });

  test('of CONNECT and of an upgrade, at the end of the head', () => {
    expect(answers(head('CONNECT b:443 HTTP/1.1', 'Host: b:443'))).toEqual(['ended']);
    expect(answers(head('GET /chat HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade'))).toEqual(['ended']);
  });
});

describe('what is written past the end of a request is noticed', () => {
  test('a second request in the same write', () => {
    expect(answers(GET + GET)).toEqual(['past-end']);
    expect(answers(Buffer.from(GET + GET))).toEqual(['past-end']);
  });

  test('more body than was announced', () => {
    expect(answers(`${post(5)}hello!`)).toEqual(['past-end']);
    expect(answers(post(5), 'hello!')).toEqual(['within', 'past-end']);
    expect(answers(`${CHUNKED}0\r\n\r\nG`)).toEqual(['past-end']);
    expect(answers(CHUNKED, '0\r\n\r', '\nG')).toEqual(['within', 'within', 'past-end']);
  });
});

describe('what is no request that could be framed is lost, once and for all', () => {
  const malformed: Readonly<Record<string, string>> = {
    'an HTTP/0.9 request': 'GET /\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\n',
    'an unknown version': head('GET / HTTP/1.2', 'Host: b'),
    'no method': head(' / HTTP/1.1'),
    'a method with a character that no method has': head('G(T / HTTP/1.1'),
    'a TLS handshake': `\x16\x03\x01\x00\x05\x01\r\n\r\n`,
    'a response': head('HTTP/1.1 200 OK'),
    'two lengths that differ': head('POST / HTTP/1.1', 'Content-Length: 5', 'content-length: 6'),
    'a list of lengths': head('POST / HTTP/1.1', 'Content-Length: 5, 5'),
    'a negative length': head('POST / HTTP/1.1', 'Content-Length: -1'),
    'a hexadecimal length': head('POST / HTTP/1.1', 'Content-Length: 0x5'),
    'an empty length': head('POST / HTTP/1.1', 'Content-Length:'),
    'a folded length': 'POST / HTTP/1.1\r\nContent-Length:\r\n 5\r\n\r\n',
    'a length beyond all measure': head('POST / HTTP/1.1', `Content-Length: ${'9'.repeat(16)}`),
    'a transfer coding that is not chunked': head('POST / HTTP/1.1', 'Transfer-Encoding: gzip'),
    'a transfer coding after chunked': head('POST / HTTP/1.1', 'Transfer-Encoding: chunked, gzip'),
    'a head without an end': `GET / HTTP/1.1\r\nX: ${'x'.repeat(300_000)}`,
    'a head that is longer than any server takes': head('GET / HTTP/1.1', `X: ${'x'.repeat(300_000)}`),
    'a chunk without a size': `${CHUNKED}\r\n`,
    'a chunk with a negative size': `${CHUNKED}-1\r\n`,
    'a chunk with a size beyond all measure': `${CHUNKED}${'f'.repeat(13)}\r\n`,
    'a chunk with more bytes than its size': `${CHUNKED}1\r\nab\r\n`,
    'a chunk line that ends with LF alone': `${CHUNKED}1\nab\r\n`,
    'a chunk line without an end': CHUNKED + '1;'.padEnd(20_000, 'x'),
  };
  for (const [what, text] of Object.entries(malformed)) {
    test(`lost: ${what}`, () => {
      const framer = new RequestFramer();
      expect(framer.write(text, 'latin1')).toBe('lost');
      expect(framer.atBoundary).toBe(false);
      for (const more of [GET, '', Buffer.from(GET)]) expect(framer.write(more, 'latin1')).toBe('lost');
    });
  }

  test('and none of it depends on how it was split', () => {
    for (const [what, text] of Object.entries(malformed)) {
      const step = Math.max(1, Math.floor(text.length / 50));
      for (let at = 1; at < text.length; at += step) {
        const [first, second] = answers([text.slice(0, at), 'latin1'], [text.slice(at), 'latin1']);
        expect([first === 'lost' || first === 'within' || first === 'ended', second], `${what} at ${at}`).toEqual([
          true,
          'lost',
        ]);
      }
    }
  });
});

describe('of the head is read', () => {
  test('the method, as it was written', () => {
    expect(headOf(GET)).toEqual({ method: 'GET', hasKey: false, leavesHttp: false });
    expect(headOf(head('get / HTTP/1.1'))?.method).toBe('get');
    expect(headOf(head('M-SEARCH * HTTP/1.1'))?.method).toBe('M-SEARCH');
  });

  test('an idempotency key, by both of its names and in any case', () => {
    for (const field of ['Idempotency-Key: 1', 'idempotency-key:1', 'X-Idempotency-Key: 1', 'IDEMPOTENCY-KEY :\t1']) {
      expect(headOf(head('POST / HTTP/1.1', 'Host: b', field, 'Accept: */*'))?.hasKey, field).toBe(true);
    }
  });

  test('no key where it is empty, has another name, or stands in a value, the target or the body', () => {
    for (const field of [
      'Idempotency-Key:',
      'Idempotency-Key:  ',
      'My-Idempotency-Key: 1',
      'Idempotency-Key-2: 1',
      'X: Idempotency-Key: 1',
    ]) {
      expect(headOf(head('POST / HTTP/1.1', field))?.hasKey, field).toBe(false);
    }
    expect(headOf(head('POST /?Idempotency-Key:1 HTTP/1.1'))?.hasKey).toBe(false);
    expect(headOf(`${post(20)}\r\nIdempotency-Key: 1`)?.hasKey).toBe(false);
  });

  test('whether another protocol may follow: CONNECT, and whatever asks for an upgrade', () => {
    expect(headOf(head('CONNECT b:443 HTTP/1.1'))?.leavesHttp).toBe(true);
    expect(headOf(head('GET / HTTP/1.1', 'UPGRADE: websocket'))?.leavesHttp).toBe(true);
    expect(headOf(head('GET / HTTP/1.1', 'X-Upgrade: websocket', 'Upgrade-Insecure-Requests: 1'))?.leavesHttp).toBe(
      false,
    );
  });

  test('nothing before it is whole, and of the next request its own', () => {
    const framer = new RequestFramer();
    framer.write('POST / HTTP/1.1\r\nIdempotency-Key: 1\r\n', 'latin1');
    expect(framer.head).toBeUndefined();
    framer.write('\r\n', 'latin1');
    expect(framer.head).toEqual({ method: 'POST', hasKey: true, leavesHttp: false });
    framer.write('GET /', 'latin1');
    expect(framer.head).toBeUndefined();
    framer.write(' HTTP/1.1\r\n\r\n', 'latin1');
    expect(framer.head).toEqual({ method: 'GET', hasKey: false, leavesHttp: false });
  });

  test('chunked before a length, where both are given', () => {
    expect(
      answers(head('POST / HTTP/1.1', 'Content-Length: 3', 'Transfer-Encoding: gzip, Chunked'), '0\r\n\r\n'),
    ).toEqual(['within', 'ended']);
  });
});

test('a large body costs no copy of it: half a gigabyte is framed in no time', () => {
  const framer = new RequestFramer();
  const data = Buffer.alloc(1 << 20);
  const begun = performance.now();
  framer.write(Buffer.concat([Buffer.from(post(513 * data.length)), data]), 'latin1');
  for (let i = 0; i < 512; i++) framer.write(data, 'latin1');
  expect(framer.atBoundary).toBe(true);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
