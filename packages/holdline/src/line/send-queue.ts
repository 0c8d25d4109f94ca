import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SendQueue } from '../policy/evidence.js';
import { bytesQueued, inodeOf } from './descriptor.js';

const TABLES = process.platform === 'linux' ? ['/proc/self/net/tcp', '/proc/self/net/tcp6'] : [];
const CLOSE_WAIT = '08';
// columns of proc_net_tcp(5): sl local remote st tx_queue:rx_queue tr:when retransmits uid timeout inode …
const STATE = 3;
const QUEUES = 4;
const INODE = 9;

/** One read serves all hang-ups of a loop turn: a closing server ends many connections at once. */
const read = new Map<string, string>();

/**
 * The kernel's send queue of a TCP socket, from Linux's `/proc/self/net/tcp`; `undefined` where there is none, or where
 * the connection is no longer listed because a RST ended it.
 */
export function sendQueue(socket: Duplex): SendQueue | undefined {
  const inode = inodeOf(socket);
  if (inode === undefined) return undefined;
  const tables = (socket as Socket).remoteFamily === 'IPv6' ? [...TABLES].reverse() : TABLES;
  for (const table of tables) {
    const row = rowOf(table, String(inode));
    if (row) return { ...row, unacknowledgedBytes: row.unacknowledgedBytes + bytesQueued(socket) };
  }
  return undefined;
}

function rowOf(table: string, inode: string): SendQueue | undefined {
  const known = read.get(table);
  const row = known === undefined ? undefined : findRow(known, inode);
  // what was read a moment ago may be older than this connection's FIN
  return row?.finReceived ? row : findRow(readAnew(table), inode);
}

function readAnew(table: string): string {
  if (read.size === 0) setImmediate(() => read.clear());
  const text = readOrNothing(table);
  read.set(table, text);
  return text;
}

function readOrNothing(table: string): string {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return ''; // no /proc, or no IPv6
  }
}

function findRow(table: string, inode: string): SendQueue | undefined {
  for (let at = table.indexOf(` ${inode} `); at >= 0; at = table.indexOf(` ${inode} `, at + 1)) {
    const end = table.indexOf('\n', at);
    const row = table
      .slice(table.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end)
      .trim()
      .split(/\s+/);
    if (row[INODE] !== inode) continue; // the number stood in another column
    const queued = Number.parseInt(row[QUEUES]?.split(':')[0] ?? '', 16);
    if (Number.isNaN(queued)) return undefined;
    return { finReceived: row[STATE] === CLOSE_WAIT, unacknowledgedBytes: queued };
  }
  return undefined;
}
