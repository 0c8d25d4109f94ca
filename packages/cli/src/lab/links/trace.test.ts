import { describe, expect, test } from 'vitest';
import { findCrossings, type Packet } from './trace.js';

const packet = (atMs: number, from: 'A' | 'B', more: Partial<Packet>): Packet => ({
  ...{ atMs, from, aPort: 40_000, bPort: 80, bytes: 0, syn: false, fin: false, reset: false, seq: 0, ack: 0 },
  ...more,
});
/** A connection that served one request of 100 bytes by an answer of 50 and is idle since. */
const opening = [
  packet(0, 'A', { syn: true }),
  packet(16, 'A', { bytes: 100, seq: 1, ack: 1 }),
  packet(24, 'B', { bytes: 50, seq: 1, ack: 101 }),
];
const request = packet(1_000, 'A', { bytes: 100, seq: 101, ack: 51 });
const refusal = packet(1_008, 'B', { reset: true, seq: 51 });
delete (refusal as { ack?: number }).ack;

describe('findCrossings', () => {
  test.each([
    ['before the request', 995],
    ['after the request', 1_005],
  ])('finds a FIN that left %s, each not knowing of the other', (_when, atMs) => {
    const close = packet(atMs, 'B', { fin: true, seq: 51, ack: 101 });
    const packets = [...opening, request, close, refusal].sort((one, other) => one.atMs - other.atMs);
    expect(findCrossings(packets)).toEqual([{ request, close, lastAnswer: opening[2], refusal }]);
  });

  test('finds a close by RST, as with unread bytes', () => {
    const close = packet(999, 'B', { reset: true, seq: 51, ack: 101 });
    expect(findCrossings([...opening, close, request])).toEqual([{ request, close, lastAnswer: opening[2] }]);
  });

  test('a FIN that A had seen before it sent is no crossing', () => {
    const close = packet(900, 'B', { fin: true, seq: 51, ack: 101 });
    const late = packet(1_000, 'A', { bytes: 100, seq: 101, ack: 52 });
    expect(findCrossings([...opening, close, late])).toEqual([]);
  });

  test('a FIN that acknowledges the request is no crossing, however soon it comes: B had it', () => {
    const close = packet(1_001, 'B', { fin: true, seq: 51, ack: 201 });
    expect(findCrossings([...opening, request, close])).toEqual([]);
  });

  test('an idle connection that is closed, or a refusal alone, is no crossing', () => {
    expect(findCrossings([...opening, packet(900, 'B', { fin: true, seq: 51, ack: 101 })])).toEqual([]);
    expect(findCrossings([...opening, request, refusal])).toEqual([]);
  });

  test('sequence numbers wrap', () => {
    const wrapping = packet(1_000, 'A', { bytes: 100, seq: 10, ack: 3 });
    const close = packet(999, 'B', { fin: true, seq: 2, bytes: 1, ack: 0xffff_fff0 });
    expect(findCrossings([packet(0, 'A', { syn: true }), close, wrapping])).toHaveLength(1);
  });

  test('a pair of ports that serves a second connection counts both', () => {
    const close = packet(995, 'B', { fin: true, seq: 51, ack: 101 });
    const one = [...opening, close, request, refusal];
    const again = one.map((each) => ({ ...each, atMs: each.atMs + 5_000 }));
    expect(findCrossings([...one, ...again])).toHaveLength(2);
  });

  test('connections do not mix', () => {
    const close = packet(995, 'B', { fin: true, seq: 51, ack: 101, aPort: 40_001 });
    expect(findCrossings([...opening, close, request])).toEqual([]);
  });
});
