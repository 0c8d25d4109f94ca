import type { Duplex } from 'node:stream';
import type { Piece } from './recording.js';

/** The client's side of a Line, as its carrier sees it. */
export interface ClientSide {
  isDestroyed(): boolean;
  /** The client will write no more. */
  hasEnded(): boolean;
  made(socket: Duplex, isFirst: boolean): void;
  connected(): void;
  /** Bytes went or came. */
  active(nowMs: number): void;
  /** @returns Whether more may come. */
  deliver(chunk: Buffer): boolean;
  /** The server has ended the connection. */
  end(): void;
  destroy(error?: Error): void;
  /** Ends the idle Line so that the client's pool drops it at once. */
  drop(serverEnded: boolean): void;
  closed(): void;
}

/** What the client wrote and no socket was given yet. */
export interface Outbox {
  readonly pieces: readonly Piece[];
  readonly done: (error?: Error | null) => void;
}
