import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Piece, Recording, recordedBytes } from './recording.js';

const MIB = 1024 * 1024;
const PROCESS_LIMIT_BYTES = 64 * MIB;

const made: Recording[] = [];
function recording(limitBytes: number): Recording {
  const each = new Recording(limitBytes);
  made.push(each);
  return each;
}

afterEach(() => {
  for (const each of made.splice(0)) each.forget();
});

const text = (data: string): Piece => ({ data, encoding: 'utf8', bytes: Buffer.byteLength(data) });
const buffer = (data: Buffer): Piece => ({ data, encoding: 'utf8', bytes: data.length });

/** The bytes that would be sent again. */
function replayed({ pieces }: Recording): string {
  return Buffer.concat(
    pieces.map(({ data, encoding }) => (typeof data === 'string' ? Buffer.from(data, encoding) : data)),
  ).toString('latin1');
}

describe('the bytes of a request are kept', () => {
  test('all of them, in their order, as they were written', () => {
    const kept = recording(100);
    for (const piece of [text('POST / HTTP/1.1\r\n\r\n'), buffer(Buffer.from('ab')), text('ä')]) kept.add(piece);
    expect(kept.whole).toBe(true);
    expect(replayed(kept)).toBe('POST / HTTP/1.1\r\n\r\nab\xc3\xa4');
    expect(recordedBytes()).toBe(23);
  });

  test('also if the caller writes over its Buffer as soon as the write is done', () => {
    const kept = recording(100);
    const data = Buffer.from('charge 5');
    kept.add(buffer(data));
    data.fill('x');
    expect(replayed(kept)).toBe('charge 5');
  });

  test('up to the limit, and not a byte more: then none of them', () => {
    const kept = recording(8);
    kept.add(text('12345678'));
    expect(kept.whole).toBe(true);
    kept.add(text('9'));
    expect([kept.whole, kept.pieces, recordedBytes()]).toEqual([false, [], 0]);
    kept.add(text('1'));
    expect([kept.whole, kept.pieces, recordedBytes()]).toEqual([false, [], 0]);
  });

  test('not at all with a limit of 0, except for a request without bytes', () => {
    const kept = recording(0);
    kept.add(text(''));
    expect(kept.whole).toBe(true);
    kept.add(text('x'));
    expect(kept.whole).toBe(false);
  });

  test('by bytes and not by characters', () => {
    const kept = recording(5);
    kept.add(text('äöü'));
    expect(kept.whole).toBe(false);
  });
});

describe('all requests of a process together', () => {
  test('keep no more than 64 MiB: one more is not recorded, and can be once there is room again', () => {
    const large = buffer(Buffer.alloc(MIB));
    const held = Array.from({ length: 64 }, () => recording(MIB));
    for (const each of held) each.add(large);
    expect(recordedBytes()).toBe(PROCESS_LIMIT_BYTES);

    const one = recording(MIB);
    one.add(text('x'));
    expect(one.whole).toBe(false);
    expect(held.every((each) => each.whole)).toBe(true);

    held[0]?.forget();
    const next = recording(MIB);
    next.add(large);
    expect(next.whole).toBe(true);
  });
});

describe('what is forgotten', () => {
  test('gives its bytes back, once', () => {
    const kept = recording(100);
    kept.add(text('12345'));
    kept.forget();
    kept.forget();
    expect([kept.whole, kept.pieces, recordedBytes()]).toEqual([false, [], 0]);
  });

  test('stays forgotten, so that half a request is never sent again', () => {
    const kept = recording(100);
    kept.add(text('12345'));
    kept.forget();
    kept.add(text('678'));
    expect([kept.whole, kept.pieces, recordedBytes()]).toEqual([false, [], 0]);
  });
});

test('in every history, a recording is whole or empty, within its limit, and counted', () => {
  const step = fc.record({
    of: fc.nat(3),
    piece: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 9 }).map(text),
      fc.uint8Array({ maxLength: 9 }).map((data) => buffer(Buffer.from(data))),
    ),
    forget: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.nat(40), fc.array(step, { maxLength: 40 }), (limitBytes, steps) => {
      const all = Array.from({ length: 4 }, () => recording(limitBytes));
      const added = all.map(() => '');
      for (const { of, piece, forget } of steps) {
        if (forget) all[of]?.forget();
        else all[of]?.add(piece);
        const { data, encoding } = piece;
        if (!forget) added[of] += Buffer.from(data as string, encoding).toString('latin1');
      }
      all.forEach((each, index) => {
        expect(replayed(each)).toBe(each.whole ? added[index] : '');
        expect(replayed(each).length).toBeLessThanOrEqual(limitBytes);
      });
      expect(recordedBytes()).toBe(all.map((each) => replayed(each).length).reduce((sum, bytes) => sum + bytes));
      for (const each of all) each.forget();
    }),
  );
});
