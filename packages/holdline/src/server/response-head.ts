import { ServerResponse } from 'node:http';

type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/** What a response's head says of its connection; looked at when the head is written. */
export interface HeadFacts {
  /** Whether a response is the last one of its connection. */
  isLast(response: ServerResponse): boolean;
  /** The value of `Keep-Alive`; `undefined` for Node's own. */
  readonly hint: string | undefined;
}

/**
 * Makes a `writeHead` for a server's responses, one for all of them: Node calls it for implicit heads too, and it sees
 * the last state of things, which a header that is set when the request begins does not. It has its price, so only those have
 * it that need it: the first of a connection, for the hint, and the last ones.
 */
export function writeHeadWith(facts: HeadFacts): WriteHead {
  const pair = ['Keep-Alive', facts.hint];
  return function writeHead(...args) {
    const { writeHead: nodes } = Object.getPrototypeOf(this) as { writeHead: WriteHead };
    if (this.headersSent) return nodes.apply(this, args);
    if (facts.isLast(this)) return nodes.apply(this, asLast(this, args));
    if (facts.hint === undefined || !staysOpen(this, args)) return nodes.apply(this, args);
    // setHeader() would cost as much as all that a hardened server does besides
    if (args.length === 1) return nodes.call(this, args[0], pair);
    this.setHeader('Keep-Alive', facts.hint);
    return nodes.apply(this, args);
  };
}

/**
 * Has a response whose head is yet to be written say that it is the last one, if it still is then; through whatever wraps
 * its `writeHead`.
 */
export function markLast(response: ServerResponse, facts: HeadFacts): void {
  const below = response.writeHead as unknown as WriteHead;
  const marking: WriteHead = function writeHead(...args) {
    return below.apply(this, this.headersSent || !facts.isLast(this) ? args : asLast(this, args));
  };
  Object.assign(response, { writeHead: marking });
}

/** `Connection: close`, whatever the handler says of the connection. */
function asLast(response: ServerResponse, args: readonly unknown[]): unknown[] {
  response.removeHeader('Keep-Alive');
  response.setHeader('Connection', 'close');
  return args.map(withoutConnection);
}

/** Whether the connection is kept after the response, as far as its handler has a say. */
function staysOpen(response: ServerResponse, args: readonly unknown[]): boolean {
  // To HTTP/1.0 Node says by itself whether it keeps the connection.
  if (!response.shouldKeepAlive || response.req.httpVersionMinor === 0 || response.hasHeader('Keep-Alive'))
    return false;
  const connection = response.getHeader('Connection');
  if (connection !== undefined && /close/i.test(String(connection))) return false;
  return args.length < 2 || !args.some((arg) => isObject(arg) && namesOf(arg).some(isOfConnection));
}

function isObject(arg: unknown): arg is object {
  return typeof arg === 'object' && arg !== null;
}

function isOfConnection(name: unknown): boolean {
  const word = String(name).toLowerCase();
  return word === 'connection' || word === 'keep-alive';
}

/** Node takes headers as an object, as pairs, or as names and values in turn. */
function namesOf(headers: object): unknown[] {
  if (!Array.isArray(headers)) return Object.keys(headers);
  if (Array.isArray(headers[0])) return headers.map((pair: unknown[]) => pair[0]);
  return headers.filter((_, index) => index % 2 === 0);
}

function withoutConnection(arg: unknown): unknown {
  if (!isObject(arg) || !namesOf(arg).some(isOfConnection)) return arg;
  if (!Array.isArray(arg)) return Object.fromEntries(Object.entries(arg).filter(([name]) => !isOfConnection(name)));
  if (Array.isArray(arg[0])) return arg.filter((pair: unknown[]) => !isOfConnection(pair[0]));
  return arg.filter((_, index) => !isOfConnection(arg[index - (index % 2)]));
}

/** Whether a response is one of HTTP/1, whose connections are Holdline's business. */
export function isHttp1(response: unknown): response is ServerResponse {
  return response instanceof ServerResponse;
}
