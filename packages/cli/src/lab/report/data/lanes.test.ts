import { describe, expect, it } from 'vitest';
import type { ConnectionRecord, HistoryRecord } from '../../records.js';
import type { Incident } from './incidents.js';
import { lanesOf } from './lanes.js';
import { SceneBuilder } from './scene.js';

const client = 'got-holdline';
const incident: Incident = { kind: 'cured', client, id: 'r', atMs: 1040 };

/** Records of one connection, by time. */
function connection(number: number, ...events: [number, ConnectionRecord['what'], ConnectionRecord['from']?][]) {
  return events.map(
    ([atMs, what, from = what === 'answer' ? 'B' : 'A']): ConnectionRecord => ({
      type: 'connection',
      atMs,
      client,
      connection: number,
      port: 5000 + number,
      from,
      what,
    }),
  );
}

const sent: HistoryRecord = { type: 'sent', atMs: 1000, client, id: 'r', kind: 'GET', caller: 0 };
const replayed: HistoryRecord = { type: 'replayed', atMs: 1040, client, id: 'r', reason: 'idempotent', ok: true };
const answered: HistoryRecord = { type: 'answered', atMs: 1041, client, id: 'r', status: 200, port: 5002 };

function lanes(
  connections: readonly ConnectionRecord[],
  request: readonly HistoryRecord[] = [sent, replayed, answered],
) {
  const builder = new SceneBuilder(incident, 10);
  for (const record of request) builder.takeRecord(record);
  // The link tells what it saw only in the end, so not in order.
  for (const record of connections.toReversed()) builder.takeConnection(record);
  return lanesOf(builder.build());
}

const stale = connection(
  1,
  [100, 'open'],
  [110, 'request'],
  [120, 'answer'],
  [1001, 'request'],
  [1008, 'fin', 'B'],
  [1015, 'reset', 'B'],
);
const fresh = connection(2, [1016, 'open'], [1021, 'request'], [1030, 'answer'], [1041, 'answer']);

describe('lanes around an incident', () => {
  it('count time from the moment of sending, and reach a little beyond both ends', () => {
    const { fromMs, toMs, request } = lanes([...stale, ...fresh]);
    expect({ fromMs, toMs }).toEqual({ fromMs: -30, toMs: 71 });
    expect(request).toMatchObject({ endMs: 41, ending: 'answered', said: '200', replays: [{ reason: 'idempotent' }] });
  });

  it('tell how long a connection had been idle, though that began long before', () => {
    const [lane] = lanes([...stale, ...fresh]).connections;
    expect(lane?.segments).toEqual([
      { state: 'idle', fromMs: -30, toMs: 1, idleMs: 881 },
      { state: 'busy', fromMs: 1, toMs: 15 },
    ]);
    expect(lane?.marks.map(({ what, from, atMs }) => [what, from, atMs])).toEqual([
      ['fin', 'B', 8],
      ['reset', 'B', 15],
    ]);
  });

  it('mark the replay on the connection that it went out on, busy to the last piece of its answer', () => {
    const lane = lanes([...stale, ...fresh]).connections[1];
    expect(lane?.marks.map(({ what, atMs }) => [what, atMs])).toEqual([
      ['open', 16],
      ['replay', 21],
    ]);
    expect(lane?.segments).toEqual([
      // Unused so far: what has answered nothing is not idle for a time.
      { state: 'idle', fromMs: 16, toMs: 21 },
      { state: 'busy', fromMs: 21, toMs: 41 },
      { state: 'idle', fromMs: 41, toMs: 71, idleMs: 30 },
    ]);
  });

  it('leave out what had ended before, and other clients’ connections', () => {
    const gone = connection(0, [10, 'open'], [20, 'request'], [30, 'answer'], [40, 'fin', 'B'], [41, 'fin', 'A']);
    const others = stale.map((record) => ({ ...record, client: 'got', connection: 9 }));
    const shown = lanes([...gone, ...stale, ...fresh, ...others]);
    expect(shown.connections.map(({ connection: number }) => number)).toEqual([1, 2]);
    expect(shown.leftOut).toBe(0);
  });

  it('keep the connections that matter where there are many, and count the rest', () => {
    const idle = Array.from({ length: 30 }, (_, index) =>
      connection(10 + index, [500, 'open'], [501, 'request'], [502, 'answer']),
    );
    const shown = lanes([...idle.flat(), ...stale, ...fresh]);
    expect(shown.connections.map(({ connection: number }) => number)).toEqual([1, 2]);
    expect(shown.leftOut).toBe(30);
  });

  it('show a request that had neither answer nor error', () => {
    expect(lanes(stale, [sent]).request).toMatchObject({ ending: 'silent', kind: 'GET' });
  });
});
