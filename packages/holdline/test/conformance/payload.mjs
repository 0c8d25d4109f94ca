// Bodies whose content is known from their size: JSON, for the SDKs that read nothing else.
import { createHash } from 'node:crypto';

const PIECE_BYTES = 65_536;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

const START = '{"p":"';
const END = '"}';

/** A JSON object of exactly `size` bytes; what is too short for one is a digit, or nothing. */
export function payload(size) {
  if (size < START.length + END.length) return Buffer.alloc(size, '1');
  const body = Buffer.alloc(size, ALPHABET);
  body.write(START);
  body.write(END, size - END.length);
  return body;
}

/** The same in pieces, for bodies that nobody should hold in memory. */
export function* pieces(size) {
  const piece = Buffer.alloc(PIECE_BYTES, ALPHABET);
  let left = size - START.length - END.length;
  yield Buffer.from(START);
  while (left > 0) {
    yield piece.subarray(0, Math.min(left, PIECE_BYTES));
    left -= PIECE_BYTES;
  }
  yield Buffer.from(END);
}

/** What is kept of a body: how long it is, and what it was. */
export class Digest {
  bytes = 0;
  #hash = createHash('sha256');

  add(chunk) {
    const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.bytes += data.length;
    this.#hash.update(data);
  }

  toJSON() {
    return { bytes: this.bytes, sha: this.#hash.copy().digest('hex').slice(0, 12) };
  }
}

/** Reads a whole body: a stream of Node's or of the web, an array, a string. */
export async function digest(body) {
  const read = new Digest();
  if (body === undefined || body === null) return read;
  if (typeof body === 'string' || ArrayBuffer.isView(body)) read.add(body);
  else if (body instanceof ArrayBuffer) read.add(new Uint8Array(body));
  else for await (const chunk of body) read.add(chunk);
  return read;
}
