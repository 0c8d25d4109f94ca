import { type Body, STREAM_FAILED } from './bodies.js';
import { part } from './reading.js';

/** What is used of a fetch's `Request`. */
export interface RequestLike {
  readonly url: string;
  readonly method: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly bodyUsed: unknown;
  readonly signal: unknown;
  clone(): RequestLike;
}

export function isRequest(input: unknown): input is RequestLike {
  return typeof part(input, 'url') === 'string' && typeof part(input, 'clone') === 'function';
}

/**
 * The body of a `Request`, which a fetch can take from it once. It is read before the first attempt, from a copy, and
 * then given as bytes: as a stream it would go without its length. One that is larger is left to the fetch.
 */
export class RequestBody implements Body {
  whyNotRecorded: string | undefined;
  #reading: Promise<Uint8Array | undefined> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(
    private readonly request: RequestLike,
    private readonly maxBytes: number,
  ) {}

  /** @returns The bytes; `undefined` where the fetch is to take them from the `Request`. */
  next(): Promise<Uint8Array | undefined> {
    this.#reading ??= this.#read().catch((error: unknown) => {
      this.whyNotRecorded = STREAM_FAILED;
      throw error;
    });
    return this.#reading;
  }

  finish(): void {
    this.#giveUp();
  }

  async #read(): Promise<Uint8Array | undefined> {
    if (this.request.bodyUsed === true || !isWebStream(this.request.body)) return this.#leave('a stream that was read');
    const copy = this.request.clone().body as ReadableStream<Uint8Array>;
    const reader = copy.getReader();
    this.#reader = reader;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (this.#reader !== reader)
        throw new Error('Holdline: the call was ended while the body of its Request was read');
      if (done) break;
      chunks.push(value);
      bytes += value.byteLength;
      if (bytes > this.maxBytes) return this.#leave(`larger than maxBodyBytes (${this.maxBytes})`);
    }
    // the other half of the copy has kept all of it too; and a request that was fetched is used
    void this.request.body.cancel().catch(noop);
    return Buffer.concat(chunks);
  }

  #leave(what: string): undefined {
    this.whyNotRecorded =
      `Holdline: not made again, for the body of its Request is ${what}. ` +
      'Give the URL, and a function that makes the body, or raise maxBodyBytes.';
    this.#giveUp();
    return undefined;
  }

  #giveUp(): void {
    void this.#reader?.cancel().catch(noop);
    this.#reader = undefined;
  }
}

function isWebStream(value: unknown): value is ReadableStream {
  return typeof part(value, 'getReader') === 'function';
}

function noop(): void {}
