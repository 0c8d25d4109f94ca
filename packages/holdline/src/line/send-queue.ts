import { close, open, read, readFile, readFileSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import timers from 'node:timers';
import type { SendQueue } from '../policy/evidence.js';
import { bytesQueued, inodeOf } from './descriptor.js';
import { ReadingAllowance } from './reading-allowance.js';

const CLOSE_WAIT = '08';
// columns of proc_net_tcp(5): sl local remote st tx_queue:rx_queue tr:when retransmits uid timeout inode …
const STATE = 3;
const QUEUES = 4;
const INODE = 9;

// taken once, as in node-machine.ts: a test's fake timers must not keep what was read for ever
const { setImmediate: afterThisTurn } = timers;

/** What was read in this turn of the loop: a closing server ends many connections at once. */
const readThisTurn = new Map<string, string>();

/** The event loop stands still meanwhile. */
const inTurn = new ReadingAllowance(1 / 10);

/**
 * The kernel's send queue of a TCP socket, from Linux's `/proc/self/net/tcp`; `undefined` where there is none, where the
 * connection is no longer listed because a RST ended it, or where the host has so many sockets that reading takes too long.
 *
 * Linux walks its whole table for that, 1 ms and more, in which a near server's RST may come and empty the queue. A
 * socket that was {@link park}ed is read in a twentieth of the time.
 */
export function sendQueue(socket: Duplex): SendQueue | undefined {
  const table = tableOf(socket);
  const inode = inodeOf(socket);
  if (!table || inode === undefined) return undefined;
  const row = readParked(socket, inode) ?? rowOf(table, inode);
  return row && { ...row, unacknowledgedBytes: row.unacknowledgedBytes + bytesQueued(socket) };
}

function tableOf(socket: Duplex): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return (socket as Socket).remoteFamily === 'IPv6' ? '/proc/self/net/tcp6' : '/proc/self/net/tcp';
}

function rowOf(table: string, inode: number): SendQueue | undefined {
  const known = readThisTurn.get(table);
  const row = known === undefined ? undefined : findRow(known, inode);
  // what was read a moment ago may be older than this connection's FIN
  return row?.finReceived ? row : findRow(readAnew(table), inode);
}

function readAnew(table: string): string {
  const beganMs = performance.now();
  if (!inTurn.allows(beganMs)) return '';
  if (readThisTurn.size === 0) afterThisTurn(() => readThisTurn.clear());
  const text = readOrNothing(table);
  readThisTurn.set(table, text);
  inTurn.spent(text.length, beganMs, performance.now());
  return text;
}

function readOrNothing(table: string): string {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return ''; // no /proc
  }
}

function findRow(text: string, inode: number): SendQueue | undefined {
  const at = indexOfRow(text, inode);
  if (at === undefined) return undefined;
  const row = columnsAt(text, at);
  const queued = Number.parseInt(row[QUEUES]?.split(':')[0] ?? '', 16);
  if (Number.isNaN(queued)) return undefined;
  return { finReceived: row[STATE] === CLOSE_WAIT, unacknowledgedBytes: queued };
}

/** Where the row of a socket begins. */
function indexOfRow(text: string, inode: number): number | undefined {
  const number = ` ${inode} `;
  for (let at = text.indexOf(number); at >= 0; at = text.indexOf(number, at + 1)) {
    const start = text.lastIndexOf('\n', at) + 1;
    if (columnsAt(text, start)[INODE] === String(inode)) return start; // else it stood in another column
  }
  return undefined;
}

function columnsAt(text: string, start: number): string[] {
  const end = text.indexOf('\n', start);
  return text
    .slice(start, end < 0 ? undefined : end)
    .trim()
    .split(/\s+/);
}

// --- parked cursors ---------------------------------------------------------------------------------------------------

/** The kernel's table, opened for one socket and read up to the row before its own: the kernel goes on from there. */
interface Cursor {
  readonly file: number;
  readonly at: number;
}

/** Every row has this length, so that a place in the file is a place in the table. */
const ROW_BYTES = 150;
/** The rows near the cursor that are read: sockets come and go, so ours may have moved. */
const ROWS_READ = 3;
const MOST_CURSORS = 256;

const cursors = new Map<Duplex, Cursor>();
/** A thread of Node's pool reads, the loop only looks for the rows. */
const ahead = new ReadingAllowance(1 / 20);
const buffer = Buffer.alloc(ROW_BYTES * ROWS_READ);

/**
 * Gets ready to read sockets' send queues quickly, off the event loop. Each takes a file descriptor until it closes; at
 * most 256 are taken, and without one, or where reading takes too much of the time, the table is read from its start.
 */
export function park(sockets: readonly Duplex[]): void {
  const beganMs = performance.now();
  if (!ahead.allows(beganMs)) return;
  for (const table of new Set(sockets.map(tableOf))) {
    if (!table) continue;
    readFile(table, 'latin1', (error, text) => {
      if (error) return;
      for (const socket of sockets) if (tableOf(socket) === table) parkOne(table, text, socket);
      ahead.spent(text.length, beganMs, performance.now());
    });
  }
}

function parkOne(table: string, text: string, socket: Duplex): void {
  const inode = inodeOf(socket);
  const at = inode === undefined || socket.destroyed ? undefined : indexOfRow(text, inode);
  if (at === undefined || at < ROW_BYTES || at % ROW_BYTES !== 0 || cursors.size >= MOST_CURSORS) return;
  open(table, (error, file) => {
    if (error) return;
    read(file, Buffer.alloc(ROW_BYTES), 0, ROW_BYTES, at - ROW_BYTES, (failed) => {
      if (failed || socket.destroyed || cursors.has(socket)) return close(file, ignore);
      cursors.set(socket, { file, at });
      socket.once('close', () => takeCursor(socket));
    });
  });
}

function readParked(socket: Duplex, inode: number): SendQueue | undefined {
  const cursor = cursors.get(socket);
  if (!cursor) return undefined;
  try {
    const bytes = readSync(cursor.file, buffer, 0, buffer.length, cursor.at);
    return findRow(buffer.toString('latin1', 0, bytes), inode);
  } catch {
    return undefined;
  } finally {
    takeCursor(socket); // it has moved on
  }
}

function takeCursor(socket: Duplex): void {
  const cursor = cursors.get(socket);
  if (!cursor) return;
  cursors.delete(socket);
  close(cursor.file, ignore);
}

function ignore(): void {}
