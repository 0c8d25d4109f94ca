import { describe, expect, test } from 'vitest';
import type { Crossing, Packet } from '../lab/links/trace.js';
import type { Call, Replay } from './history.js';
import { tellStory } from './story.js';

const packet = (atMs: number, from: 'A' | 'B', aPort: number, more: Partial<Packet> = {}): Packet => ({
  ...{ atMs, from, aPort, bPort: 80, bytes: 0, syn: false, fin: false, reset: false, seq: 0, ack: 0 },
  ...more,
});
const crossing = (aPort: number, atMs: number): Crossing => ({
  request: packet(atMs, 'A', aPort, { bytes: 100 }),
  close: packet(atMs + 3, 'B', aPort, { fin: true }),
  lastAnswer: packet(atMs - 508, 'B', aPort, { bytes: 50 }),
  refusal: packet(atMs + 8, 'B', aPort, { reset: true }),
});
const call = (id: string, port: number, atMs: number, more: Partial<Call>): Call => ({
  ...{ id, port, kind: 'POST', startedMs: atMs, endedMs: atMs + 50, outcome: 'answered', retries: 0 },
  ...more,
});
const failure = { code: 'ECONNRESET', message: 'socket hang up' };
const tell = (calls: Call[], replays: Replay[], crossings: Crossing[]) =>
  tellStory('arm', { calls, replays }, crossings, 8, (id) => id === 'executed');

describe('tellStory', () => {
  test('puts packets in order, from when the request left', () => {
    const hungUp = call('a', 1, 1_000, { outcome: 'hung-up', endedMs: 1_012, failure });
    const story = tell([hungUp], [], [crossing(1, 1_000)]);
    expect(story).toMatchObject({ arm: 'arm', kind: 'POST', idleMs: 500 });
    expect(story?.moments.map(({ atMs, what }) => `${atMs} ${what}`)).toEqual([
      '-500 idle',
      '0 request-left',
      '3 fin-left',
      '8 request-arrived',
      '8 reset-left',
      '11 fin-arrived',
      '12 error',
      '16 reset-arrived',
    ]);
    expect(story?.surfaced).toEqual({ message: 'socket hang up', executed: false });
  });

  test('prefers a POST that was cured by evidence to one that surfaced', () => {
    const calls = [
      call('executed', 1, 1_000, { outcome: 'hung-up', failure: { ...failure, reason: 'no-evidence' } }),
      call('b', 2, 2_000, { kind: 'GET' }),
      call('c', 3, 3_000, {}),
    ];
    const replays = [
      { id: 'b', reason: 'idempotent', ok: true, atMs: 2_049 },
      { id: 'c', reason: 'undelivered', ok: true, atMs: 3_049 },
    ];
    const crossings = [crossing(1, 1_000), crossing(2, 2_000), crossing(3, 3_000)];
    expect(tell(calls, replays, crossings)).toMatchObject({ kind: 'POST', replayedAs: 'undelivered' });
    expect(tell(calls.slice(0, 2), replays, crossings)).toMatchObject({ kind: 'GET', replayedAs: 'idempotent' });
    expect(tell(calls.slice(0, 1), replays, crossings)?.surfaced).toEqual({
      ...{ reason: 'no-evidence', message: 'socket hang up', executed: true },
    });
  });

  test('tells nothing where it cannot tell whose replay it was, or what the link saw', () => {
    const replay = { id: 'a', reason: 'undelivered', ok: true, atMs: 1_049 };
    const answered = call('a', 1, 1_000, {});
    expect(tell([answered], [{ ...replay, id: 'b' }], [crossing(1, 1_000)])).toBeUndefined();
    expect(tell([answered], [{ ...replay, ok: false }], [crossing(1, 1_000)])).toBeUndefined();
    expect(tell([answered], [replay], [crossing(2, 1_000)])).toBeUndefined();
    expect(tell([answered], [replay], [crossing(1, 5_000)])).toBeUndefined();
    expect(tell([call('a', 1, 1_000, { outcome: 'hung-up', failure })], [], [])).toBeUndefined();
  });
});
