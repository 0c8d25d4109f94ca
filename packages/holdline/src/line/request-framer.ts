/** What the head of a request says, as far as a Line needs it. */
export interface RequestHead {
  readonly method: string;
  /** It carries `Idempotency-Key` or `X-Idempotency-Key`. */
  readonly hasKey: boolean;
  /** The connection may speak another protocol after its response: `CONNECT`, or an `Upgrade` field. */
  readonly leavesHttp: boolean;
}

/** Where the bytes written so far have got to. */
export type Framing = 'within' | 'ended' | 'past-end' | 'lost';

type Part = 'boundary' | 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers';

/** More than any server accepts; what is longer is not HTTP/1. */
const LONGEST_HEAD = 262_144;
const LONGEST_CHUNK_LINE = 16_384;
const START = /^(?:\r\n)*([!#$%&'*+\-.^_`|~0-9A-Za-z]+) [^\r\n]* HTTP\/1\.[01]\r\n/;
const FIELDS = /\r\n(content-length|transfer-encoding|upgrade|(?:x-)?idempotency-key)[ \t]*:[ \t]*([^\r\n]*)/gi;
const LF = 10;

/**
 * Finds where each request begins and ends in what a client writes (RFC 9112 §6.3, §7.1): the head up to its empty
 * line, then nothing, `Content-Length` bytes, or chunks and trailers.
 *
 * Where the bytes are not HTTP/1 as it knows it the answer is `lost`; from then on it says nothing else.
 */
export class RequestFramer {
  #part: Part | 'lost' = 'boundary';
  #head: RequestHead | undefined;
  /** An unfinished head, chunk-size line or trailer line. */
  #text = '';
  #left = 0;

  /** Whether the next byte begins a request. */
  get atBoundary(): boolean {
    return this.#part === 'boundary';
  }

  /** The head of the request that was begun last, once it was whole. */
  get head(): RequestHead | undefined {
    return this.#head;
  }

  /** Follows what the client writes next. */
  write(data: Buffer | string, encoding: BufferEncoding): Framing {
    if (data.length === 0) return this.#part === 'lost' ? 'lost' : this.atBoundary ? 'ended' : 'within';
    if (this.#part === 'boundary') {
      this.#part = 'head';
      this.#head = undefined;
      this.#text = '';
    }
    // of hex and base64 only the decoded bytes say how many they are
    if (typeof data === 'string' && !isText(encoding)) data = Buffer.from(data, encoding);
    return this.#part === 'head' ? this.#headBytes(data, encoding) : this.#body(data, encoding);
  }

  #headBytes(data: Buffer | string, encoding: BufferEncoding): Framing {
    const before = this.#text.length;
    // a Buffer's bytes and a latin1 string's characters are the same positions; a head is ASCII in any text encoding
    const from = Math.max(0, before - 3);
    const text =
      this.#text + (typeof data === 'string' ? data : data.toString('latin1', 0, headBytesIn(data, this.#text)));
    const end = text.indexOf('\r\n\r\n', text.startsWith('\r\n') ? leadingLines(text) : from);
    if (end < 0 && text.length < LONGEST_HEAD) {
      this.#text = text;
      return 'within';
    }
    this.#text = '';
    if (end < 0 || end + 4 > LONGEST_HEAD || !this.#readHead(text.slice(0, end + 2))) return this.#lose();
    const rest = end + 4 - before;
    if (rest >= data.length) return this.#part === 'boundary' ? 'ended' : 'within';
    if (this.#part === 'boundary') return 'past-end';
    return this.#body(typeof data === 'string' ? data.slice(rest) : data.subarray(rest), encoding);
  }

  #readHead(head: string): boolean {
    const method = START.exec(head)?.[1];
    if (method === undefined) return false;
    let length: number | undefined;
    let chunked = false;
    let hasKey = false;
    let leavesHttp = method === 'CONNECT';
    FIELDS.lastIndex = 0;
    for (let field = FIELDS.exec(head); field !== null; field = FIELDS.exec(head)) {
      const value = (field[2] ?? '').trim();
      switch ((field[1] ?? '').toLowerCase()) {
        case 'content-length':
          if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== Number(value))) return false;
          length = Number(value);
          break;
        case 'transfer-encoding':
          if (!/(?:^|,)\s*chunked$/i.test(value)) return false;
          chunked = true;
          break;
        case 'upgrade':
          leavesHttp = true;
          break;
        default:
          hasKey ||= value !== '';
      }
    }
    this.#head = { method, hasKey, leavesHttp };
    this.#left = length ?? 0;
    this.#part = chunked ? 'chunk-size' : this.#left > 0 ? 'length' : 'boundary';
    return true;
  }

  #body(data: Buffer | string, encoding: BufferEncoding): Framing {
    if (this.#part === 'length' || this.#part === 'chunk-data') {
      const bytes = typeof data === 'string' ? Buffer.byteLength(data, encoding) : data.length;
      if (bytes <= this.#left) {
        this.#left -= bytes;
        if (this.#left > 0) return 'within';
        this.#part = this.#part === 'length' ? 'boundary' : 'chunk-end';
        return this.#part === 'boundary' ? 'ended' : 'within';
      }
      if (this.#part === 'length') {
        this.#part = 'boundary';
        return 'past-end';
      }
    }
    return this.#chunks(typeof data === 'string' ? Buffer.from(data, encoding) : data);
  }

  #chunks(bytes: Buffer): Framing {
    let at = 0;
    while (at < bytes.length) {
      if (this.#part === 'lost') return 'lost';
      if (this.#part === 'boundary') return 'past-end';
      if (this.#part === 'chunk-data') {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.#part = 'chunk-end';
        continue;
      }
      const lineEnd = bytes.indexOf(LF, at);
      const stop = lineEnd < 0 ? bytes.length : lineEnd + 1;
      this.#text += bytes.toString('latin1', at, stop);
      at = stop;
      if (this.#text.length > LONGEST_CHUNK_LINE) return this.#lose();
      if (lineEnd >= 0 && !this.#line()) return this.#lose();
    }
    return this.#part === 'lost' ? 'lost' : this.atBoundary ? 'ended' : 'within';
  }

  /** Takes one whole line of the chunked coding. */
  #line(): boolean {
    const line = this.#text;
    this.#text = '';
    if (!line.endsWith('\r\n')) return false;
    switch (this.#part) {
      case 'chunk-size': {
        const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?\r\n$/i.exec(line)?.[1];
        if (size === undefined) return false;
        this.#left = Number.parseInt(size, 16);
        this.#part = this.#left > 0 ? 'chunk-data' : 'trailers';
        return true;
      }
      case 'chunk-end':
        this.#part = 'chunk-size';
        return line === '\r\n';
      default:
        if (line === '\r\n') this.#part = 'boundary';
        return true;
    }
  }

  #lose(): Framing {
    this.#part = 'lost';
    this.#text = '';
    return 'lost';
  }
}

function isText(encoding: BufferEncoding): boolean {
  return (
    encoding === 'latin1' ||
    encoding === 'utf8' ||
    encoding === 'utf-8' ||
    encoding === 'ascii' ||
    encoding === 'binary'
  );
}

/** How many bytes of a Buffer may belong to the head, so that a large body written with it is not made a string. */
function headBytesIn(data: Buffer, text: string): number {
  if (text !== '') return data.length;
  const end = data.indexOf('\r\n\r\n', leadingBytes(data), 'latin1');
  return end < 0 ? data.length : end + 4;
}

function leadingBytes(data: Buffer): number {
  let at = 0;
  while (data[at] === 13 && data[at + 1] === LF) at += 2;
  return at;
}

function leadingLines(text: string): number {
  let at = 0;
  while (text.startsWith('\r\n', at)) at += 2;
  return at;
}
