/** How an idempotency key is written in its header: as it is, or as the quoted string of the IETF draft. */
export type KeyFormat = 'raw' | 'quoted';

/** What the decision about a request's idempotency key depends on. */
export interface KeyFacts {
  readonly method: string;
  /** The value of the `Idempotency-Key` that the caller sends. */
  readonly sent: string | undefined;
  /** The origin was declared to execute requests with the same key once. */
  readonly honoured: boolean;
  /** The caller wants a key for what has none. */
  readonly auto: boolean;
}

/** `sent`: the caller's key counts. `fresh`: the request gets one. `none`: no key protects the request. */
export type KeySource = 'sent' | 'fresh' | 'none';

/**
 * Decides where a request's idempotency key comes from. A key that the origin does not honour protects nothing, and an
 * empty one is none, yet it is the caller's and stays.
 */
export function keySource({ method, sent, honoured, auto }: KeyFacts): KeySource {
  if (!honoured) return 'none';
  if (sent !== undefined) return sent.trim() === '' ? 'none' : 'sent';
  // the draft is for these two; what is idempotent needs no key
  return auto && (method === 'POST' || method === 'PATCH') ? 'fresh' : 'none';
}

/**
 * Writes a key as the value of its header.
 *
 * `quoted` is a String of Structured Fields (RFC 9651 §4.1.6), which draft-ietf-httpapi-idempotency-key-header asks for;
 * most servers that had keys before it want them `raw`.
 *
 * @param key - Printable ASCII.
 * @example
 * formatKey('8e03978e', 'quoted'); // => '"8e03978e"'
 */
export function formatKey(key: string, format: KeyFormat): string {
  return format === 'raw' ? key : `"${key.replace(/["\\]/g, '\\$&')}"`;
}
