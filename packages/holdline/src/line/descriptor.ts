/**
 * The only file that touches a private part of Node: `socket._handle`. Reason: a FIN or RST that waits in the kernel
 * can be seen before writing only through the socket's descriptor, and nothing public names it. `descriptor.test.ts`
 * runs on every supported Node line and fails when this part changes.
 */
import { fstatSync, readSync, writeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Look } from './machine.js';

interface Handle {
  readonly fd?: number;
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

const oneByte = Buffer.alloc(1);
const nothing = Buffer.alloc(0);

function handleOf(socket: Duplex): Handle | undefined {
  return (socket as { _handle?: Handle | null })._handle ?? undefined;
}

function descriptorOf(socket: Duplex): number | undefined {
  const fd = handleOf(socket)?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/** Reads one byte from the socket's descriptor, which does not block: the only way to see a FIN before the loop does. */
export function look(socket: Duplex): Look {
  const fd = descriptorOf(socket);
  if (fd === undefined) return 'unknown';
  try {
    return readSync(fd, oneByte, 0, 1, null) === 0 ? 'closed' : 'bytes';
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? 'alive' : 'reset';
  }
}

/**
 * Writes no bytes to a socket whose peer has sent a FIN. The kernel refuses that with exactly one of two errors when a
 * RST has come since (Linux: `tcp_reset` sets EPIPE in CLOSE_WAIT, else ECONNRESET).
 */
export function resetCame(socket: Duplex): boolean {
  const fd = descriptorOf(socket);
  if (fd === undefined) return false;
  try {
    writeSync(fd, nothing, 0, 0, null);
    return false;
  } catch (error) {
    const code = codeOf(error);
    return code === 'EPIPE' || code === 'ECONNRESET';
  }
}

/** All bytes that the TCP socket was given, over TLS the ciphertext, for that is what this handle sees. */
export function bytesHanded(socket: Duplex): number {
  return handleOf(socket)?.bytesWritten ?? 0;
}

/** Bytes that wait in this process because the kernel's queue was full: they have not been sent either. */
export function bytesQueued(socket: Duplex): number {
  return handleOf(socket)?.writeQueueSize ?? 0;
}

/** The number under which the kernel lists the socket, e.g. in `/proc/net/tcp`. */
export function inodeOf(socket: Duplex): number | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd).ino;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
