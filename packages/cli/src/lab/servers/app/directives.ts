import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Directive } from '../../roles.js';

// What B does with a request besides executing it. Each function does one thing to one connection.

type Crash = Extract<Directive, { do: 'crash' }>;
type Closing = Extract<Directive, { do: 'close-idle' | 'close-slowly' }>;

const AMID_MS = 10;

/** Connections that B has closed its side of, and no longer executes anything from. */
const closed = new WeakSet<Socket>();
const closing = new WeakMap<Socket, NodeJS.Timeout>();

/** The process ends, or only the connection. */
export function crash({ by }: Crash, socket: Socket): void {
  // Not process.exit(): a process that crashes runs nothing any more.
  if (by === 'exit') process.kill(process.pid, 'SIGKILL');
  else if (by === 'fin') socket.destroy();
  else socket.resetAndDestroy();
}

/** Ends amid the answer: its head says more than what comes. */
export function crashDuring(directive: Crash, response: ServerResponse, body: string): void {
  const { socket } = response;
  if (!socket) return;
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // A little later, or A could not tell a RST from an end: it came with the bytes.
  response.write(body.slice(0, Math.ceil(body.length / 2)), () => setTimeout(() => crash(directive, socket), AMID_MS));
}

/** Blocks the event loop, as a long computation would. */
export function stall(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

/** Cuts the next write to a socket in two. Node writes head and body of a short answer as one. */
export function splitNextWrite(socket: Socket, at: number, pauseMs: number): void {
  const whole = socket.write as (bytes: Buffer, done?: () => void) => boolean;
  const part = (bytes: Buffer, done?: () => void) => whole.call(socket, bytes, done);
  socket.write = ((chunk: string | Buffer, encoding?: unknown, done?: () => void) => {
    socket.write = whole as Socket['write'];
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
    setTimeout(() => part(bytes.subarray(at), done), pauseMs);
    return part(bytes.subarray(0, at));
  }) as Socket['write'];
}

/** Closes the connection if it is still idle after some time. */
export function closeWhenIdle(directive: Closing, socket: Socket): void {
  closing.set(
    socket,
    setTimeout(() => close(directive, socket), directive.afterMs),
  );
}

function close(directive: Closing, socket: Socket): void {
  closed.add(socket);
  if (directive.do === 'close-slowly') {
    // It says that nothing more will come, and throws away what still arrives.
    socket.end();
    setTimeout(() => socket.destroy(), directive.forMs);
  } else if (directive.by === 'reset') {
    socket.resetAndDestroy();
  } else if (directive.by === '408') {
    socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy());
  } else {
    socket.destroy();
  }
}

/** A request came: the connection is not idle. False if B has closed it already, so that the request is nobody's. */
export function isOpenFor({ socket }: IncomingMessage): boolean {
  clearTimeout(closing.get(socket));
  return !closed.has(socket);
}
