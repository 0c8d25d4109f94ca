/** What undici's `Client` says of itself to anybody. */
export interface UndiciClient {
  /** How many requests it may have on a connection at a time. */
  readonly pipelining: number;
}

/**
 * The client that holds the socket, which undici notes on it under a symbol of its own; it is known by what it can do.
 *
 * @returns `undefined` where there is none, or undici notes it elsewhere.
 */
export function clientOf(socket: object): UndiciClient | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const noted: unknown = Reflect.get(socket, symbol);
    if (isClient(noted)) return noted;
  }
  return undefined;
}

function isClient(noted: unknown): noted is UndiciClient {
  if (typeof noted !== 'object' || noted === null) return false;
  const { dispatch, pipelining } = noted as { dispatch?: unknown; pipelining?: unknown };
  return typeof dispatch === 'function' && typeof pipelining === 'number';
}
