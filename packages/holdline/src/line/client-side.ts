import type { Duplex } from 'node:stream';
import type { Piece } from './recording.js';

/** The client's side of a Line, as its carrier sees it. */
export interface ClientSide {
  /** As `destroyed` of a stream. */
  readonly isDestroyed: boolean;
  /** The client will write no more. */
  readonly writableEnded: boolean;
  /** It may write a request before the response to the one before it has ended, and does not say when that is. */
  readonly mayPipeline: boolean;
  /** Its users may compare the message with which a new connection hangs up to Node's. */
  readonly knowsNodesWords: boolean;
  socketMade(socket: Duplex, isFirst: boolean): void;
  socketConnected(): void;
  /** Bytes went or came. */
  active(nowMs: number): void;
  /** @returns Whether more may come. */
  deliver(chunk: Buffer): boolean;
  /** The server has ended the connection. */
  serverEnded(): void;
  destroy(error?: Error): void;
  /** Ends the idle Line so that the client's pool drops it at once. */
  leavePool(serverEnded: boolean): void;
  socketClosed(): void;
}

/** Speaks for a client that tells by `ref` and `unref`, and by nothing else, whether it has a request. */
export interface Holder {
  /** See {@link ClientSide}. */
  readonly mayPipeline: boolean;
  /** The client has a request, which it is about to write. */
  some(): void;
  /** The client has no request any more. */
  none(): void;
}

/** What the client wrote and no socket was given yet. */
export interface Outbox {
  readonly pieces: readonly Piece[];
  readonly done: (error?: Error | null) => void;
}
