/** What an error says, to whoever is in another process. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The connection ended, and no answer had begun. */
  readonly hangUp: boolean;
  /** Why Holdline did not send the request again. */
  readonly reason?: string;
}

/** How the clients call a connection that ended: Node by the system's codes, undici by its own. */
const ENDED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** How they call it when they waited too long. */
const TIMED_OUT = new Set(['ETIMEDOUT', 'ECONNABORTED', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/**
 * Reads an error by its fields, and by those of its causes: clients wrap them.
 *
 * @param began - The head of an answer had come.
 */
export function failureOf(error: unknown, began: boolean): Failure {
  const chain = chainOf(error);
  const code = chain.map((link) => link['code']).find((each): each is string => typeof each === 'string');
  const timedOut = chain.some(({ name }) => name === 'TimeoutError') || (code !== undefined && TIMED_OUT.has(code));
  // A connection that could not be opened is no hang-up: there was none yet.
  const connecting = chain.some(({ syscall }) => syscall === 'connect');
  const hangUp = chain.map((link) => link['hangUp'] as { reason?: unknown } | undefined).find(Boolean);
  const message = typeof chain[0]?.['message'] === 'string' ? chain[0]['message'] : String(error);
  return {
    code: timedOut ? 'timeout' : `${connecting ? 'connect ' : ''}${code ?? String(chain[0]?.['name'] ?? 'none')}`,
    message,
    hangUp: !timedOut && !connecting && !began && code !== undefined && ENDED.has(code),
    ...(typeof hangUp?.reason === 'string' && { reason: hangUp.reason }),
  };
}

type Link = Readonly<Record<string, unknown>>;

function chainOf(error: unknown): Link[] {
  const chain: Link[] = [];
  for (let link = error; typeof link === 'object' && link !== null && chain.length < 8; link = (link as Link)['cause'])
    chain.push(link as Link);
  return chain;
}
