import { Readable } from 'node:stream';

/** What a body may be streamed from. */
export type StreamSource = Readable | ReadableStream | AsyncIterable<unknown> | Iterable<unknown>;

/** One way to read them all. */
export interface Source {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Nobody wants the rest. Does not throw. */
  close(): void;
}

export function sourceOf(given: StreamSource): Source {
  if (given instanceof Readable) return nodeSource(given);
  if ('getReader' in given) return webSource(given);
  return iteratorSource(Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]());
}

function nodeSource(stream: Readable): Source {
  // it may fail before anybody reads it: who reads it later is told then
  stream.on('error', noop);
  let iterator: AsyncIterator<unknown> | undefined;
  return {
    next: () => (iterator ??= stream[Symbol.asyncIterator]()).next(),
    close: () => void stream.destroy(),
  };
}

function webSource(stream: ReadableStream): Source {
  let reader: ReadableStreamDefaultReader | undefined;
  return {
    next: () => (reader ??= stream.getReader()).read(),
    close: () => void (reader ?? stream).cancel().catch(noop),
  };
}

function iteratorSource(iterator: AsyncIterator<unknown> | Iterator<unknown>): Source {
  return {
    next: async () => iterator.next(),
    close: () => {
      void (async () => iterator.return?.())().catch(noop);
    },
  };
}

/** `kept`: all that was read is at hand. `dropped`: it was too much. `failed`: the stream itself did. */
export type RecordState = 'kept' | 'dropped' | 'failed';

/**
 * A stream that can be read more than once as long as what was read of it is little enough to be kept. It is read no
 * faster than by its reader, so nothing waits for its end; a later reader is given what was kept, and then the rest.
 */
export class RecordedStream {
  #state: RecordState = 'kept';
  #error: unknown;
  #ended = false;
  /** What was read: all of it while it is kept, else what its reader has not been given yet. */
  #chunks: unknown[] = [];
  /** The number of the first of `#chunks`. */
  #firstIndex = 0;
  #bytes = 0;
  #pull: Promise<void> | undefined;
  /** Which reader is the one that counts: an attempt that failed may not have noticed yet. */
  #reader = 0;
  /** The number of the chunk that this reader is given next. */
  #nextIndex = 0;
  #readers: 'none' | 'reading' | 'left' = 'none';
  #final = false;

  constructor(
    private readonly source: Source,
    private readonly maxBytes: number,
  ) {}

  get state(): RecordState {
    return this.#state;
  }

  /** Reads from the beginning. The reader before it gets nothing more, but an error. */
  read(): AsyncGenerator<unknown, void, void> {
    this.#nextIndex = 0;
    return this.#read(++this.#reader);
  }

  /** There will be no other reader. @param failed - Nor does the last one want the rest. */
  finish(failed: boolean): void {
    this.#final = true;
    if (failed) this.#reader++;
    if (failed || this.#readers === 'left') this.#close();
    this.#forget();
  }

  async *#read(reader: number): AsyncGenerator<unknown, void, void> {
    this.#mustBe(reader);
    this.#readers = 'reading';
    try {
      for (;;) {
        while (this.#nextIndex >= this.#firstIndex + this.#chunks.length && !this.#ended) {
          await (this.#pull ??= this.#pullOne());
          this.#mustBe(reader);
        }
        const index = this.#nextIndex++ - this.#firstIndex;
        if (index >= this.#chunks.length) break;
        const chunk = this.#chunks[index];
        if (this.#final || this.#state === 'dropped') this.#forget();
        yield chunk;
        this.#mustBe(reader);
      }
      if (this.#state === 'failed') throw this.#error;
    } finally {
      if (reader === this.#reader) this.#readers = 'left';
      // a client that no longer wants the last body closes it, so that the stream is not left open
      if (reader === this.#reader && this.#final) this.#close();
    }
  }

  /** An attempt that is over must not take the end of its reading for the end of the body, and send half of it. */
  #mustBe(reader: number): void {
    if (reader !== this.#reader) throw new Error('Holdline: the attempt whose body this is is over');
  }

  /** Never rejects. */
  async #pullOne(): Promise<void> {
    try {
      const { done, value } = await this.source.next();
      if (done) this.#ended = true;
      else this.#add(value);
    } catch (error) {
      this.#ended = true;
      this.#state = 'failed';
      this.#error = error;
    }
    this.#pull = undefined;
  }

  #add(chunk: unknown): void {
    this.#chunks.push(chunk);
    this.#bytes += lengthOf(chunk);
    if (this.#bytes > this.maxBytes) this.#state = 'dropped';
  }

  /** Drops what the reader has been given. */
  #forget(): void {
    this.#chunks = this.#chunks.slice(Math.max(0, this.#nextIndex - this.#firstIndex));
    this.#firstIndex = Math.max(this.#firstIndex, this.#nextIndex);
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.source.close();
  }
}

function lengthOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk);
  const { byteLength } = chunk as { byteLength?: unknown };
  return typeof byteLength === 'number' ? byteLength : Number.POSITIVE_INFINITY; // no body; the client will say so
}

function noop(): void {}
