import { Readable } from 'node:stream';
import { part } from './reading.js';
import { RecordedStream, type StreamSource, sourceOf } from './recorded-stream.js';

/** A request's body, for one attempt after another. */
export interface Body {
  /** The body for the next attempt. */
  next(): unknown;
  /** Why there is no body for another attempt; `undefined` where there is. */
  readonly whyNotRecorded: string | undefined;
  /**
   * There will be no other attempt.
   *
   * @param failed - Nor does the last one need the rest of its body any more.
   */
  finish(failed: boolean): void;
}

/** Which bodies a client reads as streams besides Node's and the web's, and async iterables: undici any iterable. */
export type Streams = 'iterables' | 'async';

/** What a caller gave as a body: a function makes it anew, a stream is kept as it is read, all else is there to stay. */
export function bodyOf(given: unknown, maxBytes: number, streams: Streams): Body {
  if (typeof given === 'function') return new MadeBody(given as () => unknown);
  if (staysWhole(given)) return new WholeBody(given);
  if (isWebStream(given)) {
    return given.locked
      ? new WholeBody(given)
      : new RecordedBody(given, maxBytes, (read) => (streams === 'async' ? ReadableStream.from(read) : read));
  }
  if (isNodeStream(given)) {
    // one that says more of itself to its client than its bytes, as `form-data` does, cannot be replaced
    if (!(given instanceof Readable) || 'getBoundary' in given) return new OnceBody(given, CAN_BE_READ_ONCE);
    return new RecordedBody(given, maxBytes, (read) => (streams === 'async' ? Readable.from(read, BYTES) : read));
  }
  const isStream = isAsyncIterable(given) || (streams === 'iterables' && isOnceIterable(given));
  return isStream ? new RecordedBody(given, maxBytes, (read) => read) : new WholeBody(given);
}

const BYTES = { objectMode: false };

/** Strings, bytes, and what is made of whole parts: `Blob`, `FormData`, `URLSearchParams`. */
class WholeBody implements Body {
  readonly whyNotRecorded = undefined;
  constructor(private readonly body: unknown) {}
  next(): unknown {
    return this.body;
  }
  finish(): void {}
}

/** For a request that has none, or whose client takes it from elsewhere. */
export const NO_BODY: Body = new WholeBody(undefined);

class MadeBody implements Body {
  readonly whyNotRecorded = undefined;
  constructor(private readonly make: () => unknown) {}
  next(): unknown {
    return this.make();
  }
  finish(): void {}
}

/** A stream of which nothing is known but that its client can read it. */
class OnceBody implements Body {
  constructor(
    private readonly body: unknown,
    readonly whyNotRecorded: string,
  ) {}
  next(): unknown {
    return this.body;
  }
  finish(): void {}
}

export const STREAM_FAILED = 'Holdline: not made again, for the stream that is its body failed.';
const CAN_BE_READ_ONCE =
  'Holdline: not made again, for its body is a stream that can be read once. Give a function that makes the body.';

class RecordedBody implements Body {
  readonly #stream: RecordedStream;
  constructor(
    source: unknown,
    private readonly maxBytes: number,
    private readonly as: (read: AsyncGenerator<unknown, void, void>) => unknown,
  ) {
    this.#stream = new RecordedStream(sourceOf(source as StreamSource), maxBytes);
  }
  get whyNotRecorded(): string | undefined {
    if (this.#stream.state === 'kept') return undefined;
    if (this.#stream.state === 'failed') return STREAM_FAILED;
    return (
      `Holdline: not made again, for its body is a stream of which more than maxBodyBytes (${this.maxBytes}) was read. ` +
      'Give a function that makes the body, or raise maxBodyBytes.'
    );
  }
  next(): unknown {
    return this.as(this.#stream.read());
  }
  finish(failed: boolean): void {
    this.#stream.finish(failed);
  }
}

function staysWhole(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return true;
  return WHOLE.has(String(part(value, Symbol.toStringTag)));
}

/** By name: a program has several classes of each, of Node and of its clients. */
const WHOLE: ReadonlySet<string> = new Set([
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Blob',
  'File',
  'FormData',
  'URLSearchParams',
]);

function isWebStream(value: unknown): value is ReadableStream {
  return typeof part(value, 'getReader') === 'function';
}

function isNodeStream(value: unknown): value is object {
  return typeof part(value, 'pipe') === 'function' && typeof part(value, 'on') === 'function';
}

function isAsyncIterable(value: unknown): boolean {
  return typeof part(value, Symbol.asyncIterator) === 'function';
}

function isOnceIterable(value: unknown): boolean {
  return typeof part(value, Symbol.iterator) === 'function';
}
