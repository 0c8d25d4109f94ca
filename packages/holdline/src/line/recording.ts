/** A piece of a request as the client wrote it. */
export interface Piece {
  readonly data: Buffer | string;
  readonly encoding: BufferEncoding;
  readonly bytes: number;
}

/** All Lines of the process together keep no more than this; beyond it requests go unrecorded. */
const PROCESS_LIMIT_BYTES = 64 * 1024 * 1024;
let heldBytes = 0;

/** Bytes of requests that the process keeps at the moment. */
export function recordedBytes(): number {
  return heldBytes;
}

/**
 * The bytes of one request, kept until its response begins so that they can be sent again. What does not fit is not
 * kept in part: a recording is whole or empty.
 */
export class Recording {
  #pieces: Piece[] = [];
  #bytes = 0;
  #whole = true;

  /** @param limitBytes - The most that is kept for one request. */
  constructor(private readonly limitBytes: number) {}

  /** Whether every byte that was added is at hand. */
  get whole(): boolean {
    return this.#whole;
  }

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /**
   * Keeps a piece. Of a Buffer a copy, for its owner may write over it as soon as the write is done; as a string of its bytes,
   * which for a small one costs a third of another Buffer.
   */
  add(piece: Piece): void {
    if (!this.#whole) return;
    const { data, bytes } = piece;
    if (this.#bytes + bytes > this.limitBytes || heldBytes + bytes > PROCESS_LIMIT_BYTES) {
      this.forget();
      return;
    }
    this.#pieces.push(typeof data === 'string' ? piece : { data: data.toString('latin1'), encoding: 'latin1', bytes });
    this.#bytes += bytes;
    heldBytes += bytes;
  }

  /** Lets go of the bytes. The request can then not be sent again. */
  forget(): void {
    heldBytes -= this.#bytes;
    this.#bytes = 0;
    this.#pieces = [];
    this.#whole = false;
  }
}
