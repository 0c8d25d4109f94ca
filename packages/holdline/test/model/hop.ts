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

/** Idle times from which a request on a connection comes too late, in ms: what is assumed of a server that says nothing. */
const TOO_LATE_MS = 4_000;

/** One connection, what its server does, and what went over it. */
export class Hop {
  readonly ledger = new Ledger();
  readonly server: ScriptedServer;
  /** All that the client gave to its kernel. */
  sent = '';
  /** What of it the server's kernel received before the server ended the connection. */
  received = '';
  /** The idle time, by the clock on which more passed, of a write that came too late. */
  lateMs: number | undefined;
  fate: Fate | undefined;

  /** @param owner - Which of the clients it was opened for. */
  constructor(
    readonly connection: MemoryConnection,
    readonly owner: number,
    plan: Plan,
    now: () => Instant,
  ) {
    const { actsOnHead = false, late = false } = plan;
    this.server = new ScriptedServer(connection.server, this.ledger, {
      acts: actsOnHead ? 'on-head' : 'on-whole',
      late,
    });
    let lastRead: Instant | undefined;
    const { tcp } = connection.client;
    const send = tcp.send.bind(tcp);
    const read = tcp.read.bind(tcp);
    tcp.read = (most) => {
      const found = read(most);
      if (typeof found !== 'string') lastRead = now();
      return found;
    };
    tcp.send = (bytes) => {
      const idleMs = lastRead && this.server.owing.length === 0 ? elapsedMs(lastRead, now()) : 0;
      if (idleMs >= TOO_LATE_MS && bytes.includes(' HTTP/1.1')) this.lateMs = idleMs;
      this.sent += bytes.toString('latin1');
      send(bytes);
    };
  }

  /** Whether any of the request was sent over it. */
  carried(request: ModelRequest): boolean {
    return this.sent.includes(`/${request.id} `);
  }

  /** Whether it had carried another request before. */
  served(request: ModelRequest): boolean {
    return this.sent.indexOf(`/${request.id} `) > ' HTTP/1.1'.length;
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
    while (connection.toClient.length > 0) connection.reachClient();
  }
}
