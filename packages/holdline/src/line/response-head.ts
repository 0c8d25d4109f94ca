import { type KeepAliveHint, parseKeepAlive } from '../policy/keep-alive-header.js';

const LONGEST_HEAD = 65_536;
const STATUS = /^HTTP\/1\.[01] (\d{3})/;
const KEEP_ALIVE = /\r\nkeep-alive[ \t]*:[ \t]*([^\r\n]*)/gi;
const STALE = 'HTTP/1.1 408';
const STATUS_AT = 9;
const FOUR = 0x34;

/** Reads the first bytes of a response, no further than its head: the status, and what the server says of idle time. */
export class ResponseHead {
  #text = '';
  #whole = false;
  /** The status, once it came; that of the final response after an interim one (RFC 9110 §15.2). */
  status: number | undefined;
  /** The `Keep-Alive` header of the final response. */
  hint: KeepAliveHint | undefined;

  /** Whether there is nothing left to read. */
  get whole(): boolean {
    return this.#whole;
  }

  read(chunk: Buffer): void {
    if (this.#whole) return;
    const end = this.#text === '' ? chunk.indexOf('\r\n\r\n', 0, 'latin1') : -1;
    this.#text += end < 0 ? chunk.toString('latin1') : chunk.toString('latin1', 0, end + 4);
    const rest = end < 0 ? undefined : chunk.subarray(end + 4);
    this.#take();
    if (!this.#whole && rest !== undefined && rest.length > 0) this.read(rest);
  }

  #take(): void {
    const status = STATUS.exec(this.#text)?.[1];
    if (status !== undefined) this.status = Number(status);
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#whole = this.#text.length > LONGEST_HEAD;
      return;
    }
    const head = this.#text.slice(0, end + 2);
    this.#text = this.#text.slice(end + 4);
    if (this.status !== undefined && this.status >= 102 && this.status < 200) return this.#take();
    if (this.status === 100) return this.#take();
    this.#whole = true;
    this.#text = '';
    const values = Array.from(head.matchAll(KEEP_ALIVE), (match) => match[1]);
    if (values.length > 0) this.hint = parseKeepAlive(values.join(','));
  }
}

/**
 * Whether the first bytes on a reused connection are the 408 with which a server takes leave of it (RFC 9110 §15.5.9).
 * `maybe`: too few bytes to tell.
 */
export function isStale408(start: Buffer): 'yes' | 'no' | 'maybe' {
  if (start.length >= STALE.length && start[STATUS_AT] !== FOUR) return 'no'; // nearly always
  const text = start.toString('latin1', 0, STALE.length);
  if (text === STALE) return 'yes';
  return STALE.startsWith(text) ? 'maybe' : 'no';
}
