import type { ConnectionRecord } from '../records.js';
import { findCrossings, type Packet } from './trace.js';

/** Reads a trace of one JSON value in each line; a half-written last line is dropped. */
export function parseTrace(text: string, packetOf: (line: unknown) => Packet = (line) => line as Packet): Packet[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => packetOf(JSON.parse(line)));
}

/**
 * Puts what a link carried into the history's words.
 *
 * @param packets - In the order of their times.
 * @param clients - Whose port of B's, or of the relay that stands for it, is which.
 */
export function recordsOf(packets: readonly Packet[], clients: ReadonlyMap<number, string>): ConnectionRecord[] {
  const crossing = new Set(findCrossings(packets).map(({ request }) => request));
  const opened = new Map<string, number>();
  const current = new Map<string, number>();
  const syns = new Map<string, number>();
  return packets.flatMap((packet) => {
    const { aPort, bPort, atMs, syn, from } = packet;
    const client = clients.get(bPort);
    if (client === undefined) return [];
    const pair = `${aPort} ${bPort}`;
    const opens = syn && from === 'A';
    if (opens) {
      // A SYN that was lost is sent again, with the same number.
      if (syns.get(pair) === packet.seq && packet.seq !== 0) return [];
      syns.set(pair, packet.seq);
      const number = opened.get(client) ?? 0;
      opened.set(client, number + 1);
      current.set(pair, number);
    }
    const connection = current.get(pair);
    if (connection === undefined) return [];
    const record = (what: ConnectionRecord['what'], more: Partial<ConnectionRecord> = {}): ConnectionRecord => {
      return { type: 'connection', atMs, client, connection, port: aPort, from, what, ...more };
    };
    return whatOf(packet, crossing.has(packet)).map(([what, more]) => record(what, more));
  });
}

type What = readonly [ConnectionRecord['what'], Partial<ConnectionRecord>?];

function whatOf({ from, syn, fin, reset, bytes, dropped }: Packet, isCrossing: boolean): What[] {
  if (dropped) return bytes > 0 || fin || reset ? [['drop', { from: 'link', bytes }]] : [];
  const all: What[] = [];
  if (syn && from === 'A') all.push(['open']);
  if (bytes > 0) all.push([from === 'A' ? 'request' : 'answer', { bytes }]);
  if (isCrossing) all.push(['crossing', { from: 'link' }]);
  if (fin) all.push(['fin']);
  if (reset) all.push(['reset']);
  return all;
}
