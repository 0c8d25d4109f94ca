import { LOOK_AFTER_MS } from '../../src/policy/checkout.js';
import { elapsedMs, type Instant } from '../../src/policy/idle-time.js';
import { Ledger, type MemoryConnection, ScriptedServer } from '../../src/testing/index.js';
import type { ModelRequest } from './client.js';
import type { Plan } from './plan.js';

/** How a server can end a connection. `408`: it says that it has waited too long for a request, and closes. */
export type End = 'close' | 'reset' | 'half-close' | '408';

/** What a server says that closes because no request came (RFC 9110 §15.5.9). */
export const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/** What a connection can meet with that was opened for a replay. `dies`: it executes, and then closes. */
export const FATES = ['answers', 'closes', 'resets', 'dies', 'refuses', 'hangs'] as const;
export type Fate = (typeof FATES)[number];

/** What the server says of idle connections. */
export function keepAliveOf(plan: Plan): string | undefined {
  return plan.hints ? 'timeout=2, max=2' : undefined;
}

/** Idle times from which a request on a connection comes too late, in ms: what is assumed of a server that says nothing. */
const TOO_LATE_MS = 4_000;
const HINTED_TOO_LATE_MS = 2_000;

/** One connection, what its server does, and what went over it. */
export class Hop {
  readonly ledger = new Ledger();
  readonly server: ScriptedServer;
  /** All that the Line gave to the socket. */
  sent = '';
  /** What of it the server's kernel received before the server ended the connection. */
  received = '';
  /** A request that should not have been written to it, and why. */
  late: string | undefined;
  fate: Fate | undefined;

  /** @param owner - Which of the clients it was opened for. */
  constructor(
    readonly connection: MemoryConnection,
    readonly owner: number,
    plan: Plan,
    now: () => Instant,
  ) {
    const { actsOnHead = false, late = false } = plan;
    const keepAlive = keepAliveOf(plan);
    this.server = new ScriptedServer(connection.server, this.ledger, {
      acts: actsOnHead ? 'on-head' : 'on-whole',
      late,
      ...(keepAlive !== undefined && { keepAlive }),
    });
    const tooLateMs = plan.hints ? HINTED_TOO_LATE_MS : TOO_LATE_MS;
    let lastRead: Instant | undefined;
    const { client } = connection;
    const read = client.tcp.read.bind(client.tcp);
    client.tcp.read = (most) => {
      const found = read(most);
      if (typeof found !== 'string') lastRead = now();
      return found;
    };
    const write = client._write.bind(client);
    client._write = (chunk: Buffer, encoding, done) => {
      // what is written ahead is not written to an idle connection
      const begins = chunk.includes(' HTTP/1.1') && !chunk.includes('/ahead ');
      const idleMs = lastRead && begins && this.server.owing.length === 0 ? elapsedMs(lastRead, now()) : 0;
      if (idleMs >= tooLateMs) this.late = `after an idle time of ${idleMs} ms`;
      if (idleMs >= LOOK_AFTER_MS && client.tcp.peek() !== 'nothing') this.late = 'though its end was there to be seen';
      this.sent += chunk.toString('latin1');
      write(chunk, encoding, done);
    };
  }

  /** Whether any of the request was sent over it. */
  carried(request: ModelRequest): boolean {
    return this.sent.includes(`/${request.id} `);
  }

  /** How many requests were begun on it. */
  get requests(): number {
    return this.sent.split(' HTTP/1.1').length - 1;
  }

  /** Whether it had carried another request before. */
  served(request: ModelRequest): boolean {
    return this.sent.indexOf(request.head) > 0;
  }

  /** Whether the server's kernel got more of it than a first byte before the server ended the connection. */
  got(request: ModelRequest): boolean {
    return this.carried(request) && this.received.length > this.sent.indexOf(request.head) + 1;
  }

  reachServer(): void {
    const [segment] = this.connection.toServer;
    if (segment?.kind === 'data' && !this.server.hasEnded) this.received += segment.bytes.toString('latin1');
    this.connection.reachServer();
  }

  /** The server ends it. */
  end(how: End): void {
    const { server, connection } = this;
    if (how === '408' && connection.server.sends) connection.server.send(Buffer.from(TIMED_OUT));
    if (how === 'reset') server.reset();
    else if (how === 'half-close') server.halfClose();
    else server.close();
  }

  /** A new connection learns its fate. */
  meet(fate: Fate): void {
    this.fate = fate;
    const { connection, server } = this;
    if (fate === 'hangs') return;
    if (fate === 'refuses') return connection.refuse();
    connection.accept();
    if (fate === 'closes') server.close();
    if (fate === 'resets') server.reset();
  }

  /** Something is on its way, or a server that lives has something to do. */
  get moves(): boolean {
    const { connection, server } = this;
    if (connection.state !== 'open') return false;
    const { sends, closed, unreadBytes } = connection.server;
    const serves = (unreadBytes > 0 && !closed) || (server.owing.length > 0 && sends);
    return serves || connection.toServer.length > 0 || connection.toClient.length > 0;
  }

  /** Everything that is on its way arrives, and a server that lives executes it, and answers unless it dies. */
  pass(): void {
    const { connection, server } = this;
    if (connection.state !== 'open') return;
    while (connection.toServer.length > 0) this.reachServer();
    server.execute();
    if (this.fate === 'dies' && server.owing.length > 0) server.close();
    while (server.owing.length > 0 && connection.server.sends) server.answer();
    if (connection.server.finReceived && server.owing.length === 0) server.close();
    while (connection.toClient.length > 0) connection.reachClient();
  }
}
