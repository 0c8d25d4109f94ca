import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type RequestListener } from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Agent, type AgentOptions, type HangUpError } from '../../src/index.js';

/** A server on loopback, closed with all its connections when the test ends. */
export interface Running {
  readonly port: number;
  readonly origin: string;
  /** Connections that were accepted so far. */
  readonly accepted: Socket[];
  close(): Promise<void>;
}

/** Keeps connections for ever unless the test ends them. */
export async function serveHttp(listener: RequestListener): Promise<Running & { readonly server: http.Server }> {
  const server = http.createServer({ keepAliveTimeout: 0 }, listener);
  return { ...(await listen(server, 'http:')), server };
}

/** A server that speaks no HTTP of its own. */
export async function serveRaw(listener: (socket: Socket, index: number) => void): Promise<Running> {
  let index = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    listener(socket, index++);
  });
  return listen(server, 'http:');
}

export async function listen(server: Server, scheme: string, port = 0): Promise<Running> {
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const running: Running = {
    port: (server.address() as AddressInfo).port,
    origin: `${scheme}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of accepted) socket.destroy();
      }),
  };
  onTestFinished(() => running.close());
  return running;
}

/** An agent that never lets go by itself, so that a test decides when a connection ends. */
export function patientAgent(running: { origin: string }, options: AgentOptions = {}): Agent {
  const origins = { [running.origin]: { idleLimitMs: 600_000, ...options.origins?.[running.origin] } };
  const agent = new Agent({ marginMs: 0, maxIdleMs: 600_000, ...options, origins });
  onTestFinished(() => agent.destroy());
  return agent;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reused: boolean;
  readonly response: IncomingMessage;
  readonly request: ClientRequest;
}

/** One request, read to its end. Rejects with what the client gets. */
export function ask(options: http.RequestOptions, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        // the agent takes the socket back a moment after the response's end
        setImmediate(() =>
          resolve({ status: response.statusCode ?? 0, body: text, reused: request.reusedSocket, response, request }),
        );
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The error that a promise is rejected with; fails if it is not. */
export async function failureOf(promise: Promise<unknown>): Promise<HangUpError> {
  const nothing = Symbol('nothing');
  const got = await promise.then(
    () => nothing,
    (error: HangUpError) => error,
  );
  if (got === nothing) throw new Error('expected a failure, but it succeeded');
  return got as HangUpError;
}

/** Reads requests off a raw socket, one call for each whole head with the body that `Content-Length` announces. */
export function onRequests(socket: Socket, heard: (head: string, body: string) => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const head = text.slice(0, end);
      const body = text.slice(end + 4, end + 4 + length);
      text = text.slice(end + 4 + length);
      heard(head, body);
    }
  });
}

/** A whole answer as bytes. */
export function answer(body: string, ...headers: string[]): string {
  return ['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');
}

/** Keeps this process's event loop from running. */
export function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * Something is done, and then the event loop stands still; when it goes on, timers that are due run before what has
 * arrived meanwhile is read. From a timer's own callback they would not.
 */
export function doAndStall(what: () => void, ms: number): Promise<void> {
  return new Promise((resolve) =>
    setImmediate(() => {
      what();
      stall(ms);
      resolve();
    }),
  );
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** B, which executes each request, and then dies over so many of them without a word. */
export async function diesOverRequests(times: number) {
  const executed: { key: string | undefined; body: string }[] = [];
  const b = await serveRaw((socket) => {
    onRequests(socket, (head, body) => {
      executed.push({ key: /idempotency-key: (.*)/i.exec(head)?.[1], body });
      if (executed.length <= times) socket.destroy();
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  return { ...b, executed };
}

/** The environment without settings of the test's own. */
export function bareEnvironment(): Record<string, string | undefined> {
  const own = /^(HOLDLINE|NODE_OPTIONS)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}
