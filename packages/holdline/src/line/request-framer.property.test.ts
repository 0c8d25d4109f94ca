import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestFramer, type RequestHead } from './request-framer.js';

const GET = 'GET / HTTP/1.1\r\nHost: b\r\n\r\n';
const CHUNKED = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
const THREE = 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n';

interface Request extends Pick<RequestHead, 'method' | 'hasKey'> {
  readonly bytes: Buffer;
}

const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', "X-!#$%&'*+.^_`|~");
const target = fc.constantFrom('/', '*', '/a?b=c%20d', 'http://b/ HTTP/1.0', `/${'x'.repeat(300)}`, '/ä');
const fields = fc.subarray([
  'Host: b',
  'Accept: */*',
  'X-Empty:',
  'Connection: keep-alive',
  'Expect: 100-continue',
  'Cookie: a=b; c=d',
]);
const key = fc.constantFrom(undefined, 'Idempotency-Key: k', 'x-idempotency-KEY:k');
const leading = fc.constantFrom('', '\r\n', '\r\n\r\n');
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data)),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.constantFrom('', '\r\n\r\n', '0\r\n\r\n', GET).map((text) => Buffer.from(text)),
);
const chunk = fc.tuple(
  bytes.filter((data) => data.length > 0),
  fc.constantFrom('', ';x', ' ;a="b;c"'),
  fc.boolean(),
);
const trailers = fc.constantFrom('', 'Checksum: 1\r\n', 'A: 1\r\nContent-Length: 7\r\n');

const body = fc.oneof(
  fc.constant({ field: undefined, bytes: Buffer.alloc(0) }),
  bytes.map((data) => ({ field: `content-LENGTH:${data.length} `, bytes: data })),
  fc.tuple(fc.array(chunk, { maxLength: 4 }), trailers).map(([chunks, trailer]) => {
    const coded = chunks.flatMap(([data, extension, upper]) => {
      const size = data.length.toString(16);
      return [Buffer.from(`${upper ? size.toUpperCase() : `0${size}`}${extension}\r\n`), data, Buffer.from('\r\n')];
    });
    return {
      field: 'Transfer-Encoding: chunked',
      bytes: Buffer.concat([...coded, Buffer.from(`0\r\n${trailer}\r\n`)]),
    };
  }),
);

const request: fc.Arbitrary<Request> = fc
  .tuple(leading, method, target, fields, key, body)
  .map(([before, name, where, plain, itsKey, itsBody]) => {
    const lines = [`${name} ${where} HTTP/1.1`, ...plain, itsKey, itsBody.field].filter((line) => line !== undefined);
    return {
      method: name,
      hasKey: itsKey !== undefined,
      bytes: Buffer.concat([Buffer.from(before + `${lines.join('\r\n')}\r\n\r\n`, 'latin1'), itsBody.bytes]),
    };
  });

interface Piece {
  readonly data: Parameters<RequestFramer['write']>[0];
  readonly bytes: number;
}

/** Cuts the bytes at some places, and writes some of the pieces as strings. */
function pieces(data: Buffer, cuts: readonly number[], asText: boolean): Piece[] {
  const places = [0, ...cuts.map((cut) => cut % data.length), data.length].sort((a, b) => a - b);
  return places.slice(1).flatMap((to, index) => {
    const piece = data.subarray(places[index], to);
    const written = asText && index % 2 === 0 ? piece.toString('latin1') : piece;
    return piece.length > 0 ? [{ data: written, bytes: piece.length }] : [];
  });
}

describe('whatever requests a client writes', () => {
  test('each is found to begin and end where it does, wherever its bytes are split', () => {
    const sequence = fc.array(fc.tuple(request, fc.array(fc.nat(), { maxLength: 6 }), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(sequence, (requests) => {
        const framer = new RequestFramer();
        for (const [each, cuts, asText] of requests) {
          expect(framer.atBoundary).toBe(true);
          let left = each.bytes.length;
          for (const { data, bytes: size } of pieces(each.bytes, cuts, asText)) {
            left -= size;
            expect(framer.write(data, 'latin1')).toBe(left > 0 ? 'within' : 'ended');
          }
          expect(framer.atBoundary).toBe(true);
          expect(framer.head).toEqual({ method: each.method, hasKey: each.hasKey, leavesHttp: false });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a split at every single byte, one after another, gives the same answer', () => {
    fc.assert(
      fc.property(request, (each) => {
        for (let at = 0; at <= each.bytes.length; at++) {
          const framer = new RequestFramer();
          framer.write(each.bytes.subarray(0, at), 'latin1');
          framer.write(each.bytes.subarray(at), 'latin1');
          expect([framer.atBoundary, framer.head?.method, framer.head?.hasKey]).toEqual([
            true,
            each.method,
            each.hasKey,
          ]);
        }
        const byByte = new RequestFramer();
        const last = [...each.bytes].map((byte) => byByte.write(Buffer.of(byte), 'latin1')).at(-1);
        expect(last).toBe('ended');
      }),
      { numRuns: 60 },
    );
  });

  test('a write that holds the end of one and a byte of the next is past its end', () => {
    fc.assert(
      fc.property(request, request, fc.nat(), fc.nat(), (first, second, before, after) => {
        const at = before % first.bytes.length;
        const upTo = 1 + (after % second.bytes.length);
        const framer = new RequestFramer();
        framer.write(first.bytes.subarray(0, at), 'latin1');
        const crossing = Buffer.concat([first.bytes.subarray(at), second.bytes.subarray(0, upTo)]);
        expect(framer.write(crossing, 'latin1')).toBe('past-end');
      }),
    );
  });

  test('bytes of any kind are answered and never throw; what is lost stays lost', () => {
    const junk = fc.oneof(
      bytes,
      fc.constantFrom(GET, CHUNKED, THREE, '\r\n', '5\r\n', '0\r\n\r\n').map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 12 }), (writes) => {
        const framer = new RequestFramer();
        const framings = writes.map((data) => framer.write(data, 'latin1'));
        const lostAt = framings.indexOf('lost');
        if (lostAt >= 0) expect(new Set(framings.slice(lostAt))).toEqual(new Set(['lost']));
        for (const framing of framings) expect(['within', 'ended', 'past-end', 'lost']).toContain(framing);
      }),
    );
  });
});
