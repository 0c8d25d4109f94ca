/** The head of a response, and what its framing says of the connection. */
export interface ResponseHead {
  readonly status: number;
  /** As in `1.1`. */
  readonly httpVersion: string;
  /** By lower-case name; several values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the server leaves the connection open after this response. */
  readonly keepsOpen: boolean;
}

/** What came was no HTTP. */
export class NotHttpError extends Error {}

/** The response's body is larger than the probe is willing to read. */
export class BodyTooLargeError extends Error {}

type Body =
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunked'; left: number; step: 'size' | 'data' | 'data-end' | 'trailers' }
  | { readonly kind: 'until-close' };

const LONGEST_HEAD = 65_536;
const LARGEST_BODY = 16 * 1_024 * 1_024;
const STATUS_LINE = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/;

/**
 * Reads one response, to its very last byte: an idle time begins there. Minimal on purpose, as what is wanted is when
 * bytes came, and what came that was not asked for.
 */
export class ResponseReader {
  readonly #headOnly: boolean;
  #rest: Buffer = Buffer.alloc(0);
  #head: ResponseHead | undefined;
  #body: Body | undefined;
  #bodyBytes = 0;

  /** @param method - That of the request: a response to HEAD has no body, whatever its headers say. */
  constructor(method: string) {
    this.#headOnly = method === 'HEAD';
  }

  /**
   * Takes bytes.
   *
   * @returns The head once the whole response is there; else undefined.
   * @throws NotHttpError, BodyTooLargeError
   */
  push(bytes: Buffer): ResponseHead | undefined {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (!this.#head) if (!this.#readHead()) return undefined;
    return this.#readBody() ? this.#head : undefined;
  }

  /** The server ended the connection: that completes a response whose length was not told. */
  end(): ResponseHead | undefined {
    return this.#body?.kind === 'until-close' ? this.#head : undefined;
  }

  /** Whether any byte of the response has come. */
  get begun(): boolean {
    return this.#head !== undefined || this.#rest.length > 0;
  }

  /** Bytes that came after the response: nobody asked for them. */
  get rest(): Buffer {
    return this.#rest;
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    const text = this.#rest.toString('latin1', 0, end < 0 ? Math.min(this.#rest.length, LONGEST_HEAD) : end);
    if (!looksLikeHttp(text)) throw new NotHttpError(JSON.stringify(text.slice(0, 40)));
    if (end < 0) {
      if (this.#rest.length > LONGEST_HEAD) throw new NotHttpError('a head without an end');
      return false;
    }
    this.#rest = this.#rest.subarray(end + 4);
    const [statusLine = '', ...lines] = text.split('\r\n');
    const [, httpVersion = '', status = ''] = STATUS_LINE.exec(statusLine) ?? [];
    if (status === '') throw new NotHttpError(JSON.stringify(statusLine.slice(0, 40)));
    // An informational response announces the real one.
    if (status.startsWith('1') && status !== '101') return true;
    const headers = headersOf(lines);
    this.#body = this.#framing(Number(status), headers);
    const tokens = (headers['connection'] ?? '').toLowerCase().split(/\s*,\s*/);
    const willing = httpVersion === '1.1' ? !tokens.includes('close') : tokens.includes('keep-alive');
    const keepsOpen = willing && this.#body.kind !== 'until-close';
    this.#head = { status: Number(status), httpVersion, headers, keepsOpen };
    return true;
  }

  #framing(status: number, headers: Readonly<Record<string, string>>): Body {
    if (this.#headOnly || status === 204 || status === 304) return { kind: 'length', left: 0 };
    if (/(^|,)\s*chunked\s*$/i.test(headers['transfer-encoding'] ?? ''))
      return { kind: 'chunked', left: 0, step: 'size' };
    const length = headers['content-length'];
    return length !== undefined && /^\d+$/.test(length)
      ? { kind: 'length', left: Number(length) }
      : { kind: 'until-close' };
  }

  /** @returns Whether the body is complete. */
  #readBody(): boolean {
    const body = this.#body;
    if (!body) return false;
    if (body.kind === 'length') {
      body.left -= this.#skip(body.left);
      return body.left === 0;
    }
    if (body.kind === 'until-close') {
      this.#skip(this.#rest.length);
      return false;
    }
    for (;;) {
      if (body.step === 'data') {
        body.left -= this.#skip(body.left);
        if (body.left > 0) return false;
        body.step = 'data-end';
      }
      const line = this.#line();
      if (line === undefined) return false;
      if (body.step === 'data-end') body.step = 'size';
      else if (body.step === 'trailers') {
        if (line === '') return true;
      } else {
        const size = /^[\da-f]+/i.exec(line)?.[0];
        if (size === undefined) throw new NotHttpError(`a chunk of size ${JSON.stringify(line.slice(0, 20))}`);
        body.left = Number.parseInt(size, 16);
        body.step = body.left === 0 ? 'trailers' : 'data';
      }
    }
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  #skip(wanted: number): number {
    const taken = Math.min(wanted, this.#rest.length);
    this.#rest = this.#rest.subarray(taken);
    this.#bodyBytes += taken;
    if (this.#bodyBytes > LARGEST_BODY) throw new BodyTooLargeError();
    return taken;
  }
}

function looksLikeHttp(text: string): boolean {
  const begin = 'HTTP/1.';
  return begin.startsWith(text.slice(0, begin.length)) || text.startsWith(begin);
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

/** What `Keep-Alive` says: how long an idle connection is kept, in ms, and a number of requests. */
export function readHint(headers: Readonly<Record<string, string>>): { timeoutMs?: number; max?: number } {
  const value = headers['keep-alive'] ?? '';
  const number = (name: string) => new RegExp(`(?:^|[,;])\\s*${name}\\s*=\\s*"?(\\d+)`, 'i').exec(value)?.[1];
  const [timeout, max] = [number('timeout'), number('max')];
  return {
    ...(timeout !== undefined && { timeoutMs: Number(timeout) * 1_000 }),
    ...(max !== undefined && { max: Number(max) }),
  };
}
