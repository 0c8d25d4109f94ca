import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerCloseReason } from '../events/channels.js';

/**
 * | phase | means |
 * |---|---|
 * | `open` | in use, or idle and kept |
 * | `looking` | about to be closed, if nothing came meanwhile |
 * | `lingering` | we have ended it; what comes is thrown away |
 * | `upgraded` | another protocol's |
 */
type Phase = 'open' | 'looking' | 'lingering' | 'upgraded';

/** Under this a socket knows its connection, if it is one of a hardened server's. */
const OF_SOCKET = Symbol('holdline.connection');

/** @returns What is kept of a socket's connection; `undefined` for one that is not followed. */
export function connectionOf(socket: Socket): Connection | undefined {
  return (socket as { [OF_SOCKET]?: Connection })[OF_SOCKET];
}

/** What is kept of one HTTP/1.1 connection. */
export class Connection {
  phase: Phase = 'open';
  /** Requests so far. */
  requests = 0;
  /** Requests that had their response when it last became idle. */
  answered = 0;
  /** The response to its latest request, until it is whole. */
  response: ServerResponse | undefined;
  /** Why we ended it, if we did. */
  endedFor: ServerCloseReason | undefined;
  /** Bytes that had come when it became idle: more of them are a request, though it may not be whole yet. */
  bytesWhenIdle = 0;

  /** @param idleSinceMs - When it was opened, and later when its last response ended; monotonic ms. */
  constructor(
    readonly socket: Socket,
    public idleSinceMs: number,
  ) {
    (socket as { [OF_SOCKET]?: Connection })[OF_SOCKET] = this;
  }

  get isIdle(): boolean {
    return this.phase === 'open' && !this.isAnswering;
  }

  /** A response is not whole yet. */
  get isAnswering(): boolean {
    return this.response !== undefined && !this.response.writableFinished;
  }

  /** Nothing of a request has come on it yet. */
  get isSilent(): boolean {
    return this.requests === 0 && this.socket.bytesRead === 0;
  }

  get upgraded(): boolean {
    return this.phase === 'upgraded';
  }

  /** From here on its idle time counts. */
  becomesIdle(nowMs: number): void {
    this.idleSinceMs = nowMs;
    this.bytesWhenIdle = this.socket.bytesRead;
  }
}
