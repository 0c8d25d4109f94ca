/**
 * What the code of a client's error says of the request:
 *
 * | word | means |
 * |---|---|
 * | `unsent` | no connection was made, so nothing of the request was sent |
 * | `maybe-sent` | the server may have the request |
 */
export type Sent = 'unsent' | 'maybe-sent';

/** What a code means if it comes from the kernel's `connect`, and what it means from anywhere else. */
interface Meaning {
  readonly connecting: Sent;
  /** Absent: from elsewhere it is nothing that another attempt would mend. */
  readonly otherwise?: Sent;
}

const UNSENT: Meaning = { connecting: 'unsent', otherwise: 'unsent' };
const UNSENT_IF_CONNECTING: Meaning = { connecting: 'unsent', otherwise: 'maybe-sent' };
const ONLY_CONNECTING: Meaning = { connecting: 'unsent' };
const MAYBE_SENT: Meaning = { connecting: 'maybe-sent', otherwise: 'maybe-sent' };

/**
 * The errors that another attempt may mend. An error whose code is not here is thrown at once: a certificate that does
 * not fit, a malformed response and a fault in the program are no better the second time.
 *
 * Only the word of the kernel or the resolver shows that nothing was sent. A *client's* timeout does not, whatever its
 * code: axios names every timeout `ECONNABORTED` or `ETIMEDOUT`, got names all of its own `ETIMEDOUT`.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  // the name was not resolved, or nobody took the connection
  EAI_AGAIN: UNSENT,
  ENOTFOUND: UNSENT,
  ECONNREFUSED: UNSENT,
  // said of a connect, and of a connection that went silent
  ETIMEDOUT: UNSENT_IF_CONNECTING,
  EHOSTUNREACH: UNSENT_IF_CONNECTING,
  EHOSTDOWN: UNSENT_IF_CONNECTING,
  ENETUNREACH: UNSENT_IF_CONNECTING,
  ENETDOWN: UNSENT_IF_CONNECTING,
  // no port was free; a Unix socket's queue was full, or its server was being restarted
  EADDRNOTAVAIL: ONLY_CONNECTING,
  EAGAIN: ONLY_CONNECTING,
  ENOENT: ONLY_CONNECTING,
  // the connection ended under the request, or under its response
  ECONNRESET: MAYBE_SENT,
  EPIPE: MAYBE_SENT,
  ERR_STREAM_PREMATURE_CLOSE: MAYBE_SENT,
  UND_ERR_SOCKET: MAYBE_SENT,
  // a client's own timeout
  ECONNABORTED: MAYBE_SENT,
  ESOCKETTIMEDOUT: MAYBE_SENT,
  TimeoutError: MAYBE_SENT, // the name of AbortSignal.timeout()'s and ky's, which have no code
  UND_ERR_CONNECT_TIMEOUT: MAYBE_SENT,
  UND_ERR_HEADERS_TIMEOUT: MAYBE_SENT,
  UND_ERR_BODY_TIMEOUT: MAYBE_SENT,
};

/** Whether anything is known of a code. */
export function isKnownCode(code: string): boolean {
  return Object.hasOwn(MEANINGS, code);
}

/**
 * What an error's code says of the request.
 *
 * @param connecting - The error comes from the kernel's `connect` (Node's `syscall: 'connect'`).
 * @returns `undefined` where another attempt would not mend it.
 */
export function meaningOf(code: string, connecting: boolean): Sent | undefined {
  const meaning = isKnownCode(code) ? MEANINGS[code] : undefined;
  return connecting ? meaning?.connecting : meaning?.otherwise;
}
