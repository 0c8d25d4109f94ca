import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type ServerCloseReason, serverCloseChannel, serverKeptChannel } from '../events/channels.js';
import { keepAliveHint } from '../policy/keep-alive-header.js';
import type { ServerTimeouts } from '../policy/server-timeouts.js';
import { linger, look } from './closing.js';
import { Connection, connectionOf } from './connection.js';
import type { Hardened, ServerCounts } from './hardened.js';
import type { HardenSettings } from './options.js';
import { type HeadFacts, isHttp1, markLast, writeHeadWith } from './response-head.js';
import { destroySoonBy, destroyTelling, setTimeoutTelling } from './socket-hooks.js';
import { type HttpServer, type Watcher, watch } from './watch.js';

/** Who wants to hear what becomes of the connections while a server is drained. */
export interface DrainObserver {
  served(requests: number): void;
  idle(connection: Connection): void;
  gone(connection: Connection): void;
  /** No connection is left. */
  empty(): void;
}

/** A server whose connections are followed. */
export class HardenedServer implements Hardened, HeadFacts, Watcher {
  readonly connections = new Set<Connection>();
  readonly sessions = new Set<ServerHttp2Session>();
  /** Connections so far. */
  accepted = 0;
  ready = true;
  /** Each response whose head is yet to be written is the last one of its connection. */
  marking = false;
  /** The value of `Keep-Alive`; `undefined` for Node's own. */
  readonly hint: string | undefined;
  observer: DrainObserver | undefined;
  /** Sockets below TLS, so that a handshake is waited for. */
  readonly #handshaking = new Set<Socket>();
  /** By the time since when they are idle; only kept where their number is limited. */
  readonly #idle = new Set<Connection>();
  readonly #limitsIdle: boolean;
  readonly #speaksHttp1: boolean;
  /** Requests that one connection may carry. */
  readonly #maxRequests: number;
  // one of each for all, for there may be many connections
  readonly #writeHead: ServerResponse['writeHead'];
  readonly #setTimeout = setTimeoutTelling((socket) => this.#mayBeIdle(socket));
  readonly #destroy = destroyTelling((socket) => this.#gone(socket));
  readonly #destroySoon = destroySoonBy((socket) => this.#endAfterResponse(socket));
  readonly #counts = { requests: 0, lateRequestsSaved: 0, lingered: 0, flooded: 0, promisesBroken: 0 };

  constructor(
    readonly server: HttpServer,
    readonly settings: HardenSettings,
  ) {
    this.#limitsIdle = Number.isFinite(settings.maxIdleConnections);
    // Node's servers that speak HTTP/2 alone have no such timeouts, and close no idle connection.
    this.#speaksHttp1 = 'headersTimeout' in server;
    if (this.#speaksHttp1) setTimeouts(server, settings.timeouts);
    this.#maxRequests = maxRequestsOf(server) || Number.POSITIVE_INFINITY;
    this.hint = settings.hint ? hintOf(server, settings) : undefined;
    this.#writeHead = writeHeadWith(this) as ServerResponse['writeHead'];
    watch(server, this);
  }

  get timeouts(): ServerTimeouts {
    return this.settings.timeouts;
  }

  get idleLimitMs(): number {
    return this.settings.limitMs;
  }

  /** Connections over which nothing can be said yet. */
  get handshakes(): number {
    return Math.max(0, this.#handshaking.size - this.connections.size - this.sessions.size);
  }

  get openCount(): number {
    return this.connections.size + this.sessions.size + this.handshakes;
  }

  counts(): ServerCounts {
    const idle = Array.from(this.connections).filter((each) => each.isIdle).length;
    return { open: this.connections.size + this.sessions.size, idle, ...this.#counts };
  }

  handshaking(socket: Socket): void {
    this.#handshaking.add(socket);
    socket.once('close', () => {
      this.#handshaking.delete(socket);
      this.#tellIfEmpty();
    });
  }

  opened(socket: Socket): void {
    if (!this.#speaksHttp1 || (socket as { alpnProtocol?: unknown }).alpnProtocol === 'h2') return;
    const connection = new Connection(socket, performance.now());
    this.connections.add(connection);
    socket._destroy = this.#destroy;
    if (this.settings.lingerMs > 0) socket.destroySoon = this.#destroySoon;
    socket.setTimeout = this.#setTimeout;
    this.#becameIdle(connection);
  }

  session(session: ServerHttp2Session): void {
    this.sessions.add(session);
    if (this.marking) session.close();
    session.once('close', () => {
      this.sessions.delete(session);
      this.#tellIfEmpty();
    });
  }

  requested(request: IncomingMessage, response: ServerResponse): void {
    if (!isHttp1(response)) return;
    const connection = connectionOf(request.socket);
    if (!connection) return;
    // Node does not know of the timer that was set when the first half of its head had come late.
    if (connection.requests === 0 && connection.bytesWhenIdle > 0) request.socket.setTimeout(timeoutOf(this.server));
    connection.requests++;
    this.#counts.requests++;
    if (this.#limitsIdle) this.#idle.delete(connection);
    // Node itself says that the last one of `maxRequestsPerSocket` is the last.
    const hinting = this.hint !== undefined && connection.requests === 1 && this.#maxRequests > 1;
    if (hinting || this.marking) response.writeHead = this.#writeHead;
    connection.response = response;
  }

  upgraded(socket: Socket): void {
    const connection = connectionOf(socket);
    if (!connection) return;
    connection.phase = 'upgraded';
    if (this.#limitsIdle) this.#idle.delete(connection);
    if (this.settings.lingerMs > 0) Reflect.deleteProperty(socket, 'destroySoon');
  }

  timedOut(socket: Socket): boolean {
    const connection = connectionOf(socket);
    if (!connection || connection.isAnswering || connection.phase === 'upgraded') return false;
    if (connection.phase === 'open') this.#idleTimeIsOver(connection);
    return true;
  }

  failed(error: Error, socket: Socket): boolean {
    const connection = connectionOf(socket);
    if (!connection) return false;
    if (connection.phase === 'lingering') return true;
    const isTimeout = (error as NodeJS.ErrnoException).code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (!isTimeout || !connection.isSilent) return false;
    // Node looks for these late, and does not again: it is later than the idle limit by now.
    this.close(connection, 'silent');
    return true;
  }

  isLast(response: ServerResponse): boolean {
    return this.marking && connectionOf(response.req.socket)?.response === response;
  }

  /** From here on each response is the last one of its connection; of several that are under way, the latest. */
  mark(): void {
    this.marking = true;
    for (const connection of this.connections) {
      // Node does not tell of the idle ones if its `keepAliveTimeout` was set to 0 later: their time begins now.
      this.#mayBeIdle(connection.socket);
      if (connection.response) markLast(connection.response, this);
    }
  }

  /** Closes an idle connection unless a request has come. */
  close(connection: Connection, why: ServerCloseReason): void {
    if (!connection.isIdle) return;
    if (this.#limitsIdle) this.#idle.delete(connection);
    look(connection, (hasNews) => {
      if (hasNews) this.#kept(connection);
      else this.#end(connection, why);
    });
  }

  /** Ends all that is left, at once. */
  destroyAll(): void {
    for (const { socket } of this.connections) socket.destroy();
    for (const session of this.sessions) session.destroy();
    for (const socket of this.#handshaking) socket.destroy();
  }

  #mayBeIdle(socket: Socket): void {
    const connection = connectionOf(socket);
    if (!connection?.response?.writableFinished) return;
    this.#answered(connection);
    this.#becameIdle(connection);
  }

  /** All its responses are whole. */
  #answered(connection: Connection): void {
    connection.response = undefined;
    this.observer?.served(connection.requests - connection.answered);
    connection.answered = connection.requests;
  }

  #becameIdle(connection: Connection): void {
    connection.becomesIdle(performance.now());
    if (connection.phase === 'lingering') return;
    this.observer?.idle(connection);
    if (!this.#limitsIdle) return;
    this.#idle.add(connection);
    if (this.#idle.size <= this.settings.maxIdleConnections) return;
    const [oldest] = this.#idle;
    if (oldest) this.close(oldest, 'flood');
  }

  /** Node's timer has the buffer of Node's choice, and may be that of the socket's first request. */
  #idleTimeIsOver(connection: Connection): void {
    const leftMs = connection.idleSinceMs + this.settings.limitMs - performance.now();
    if (leftMs >= 1) connection.socket.setTimeout(leftMs);
    else this.close(connection, 'idle');
  }

  /** Bytes had come. If they are no request, or Node has answered it by itself, its idle time begins anew. */
  #kept(connection: Connection): void {
    this.#counts.lateRequestsSaved++;
    serverKeptChannel.publish(() => ({ idleMs: performance.now() - connection.idleSinceMs }));
    if (connection.isAnswering || connection.bytesWhenIdle === connection.socket.bytesRead) return;
    this.#becameIdle(connection);
    connection.socket.setTimeout(this.settings.limitMs);
  }

  #endAfterResponse(socket: Socket): void {
    const connection = connectionOf(socket);
    if (!connection || connection.phase === 'lingering' || socket.destroyed) return;
    this.#end(connection, 'response');
  }

  #end(connection: Connection, reason: ServerCloseReason): void {
    const idleMs = reason === 'response' ? 0 : performance.now() - connection.idleSinceMs;
    const promiseBroken = reason === 'flood' && idleMs < this.timeouts.keepAliveTimeoutMs;
    if (reason === 'response') this.#counts.lingered++;
    if (reason === 'flood') this.#counts.flooded++;
    if (promiseBroken) this.#counts.promisesBroken++;
    connection.phase = 'lingering';
    connection.endedFor = reason;
    serverCloseChannel.publish(() => ({ reason, idleMs, requests: connection.requests, promiseBroken }));
    if (reason === 'response') linger(connection.socket, this.settings.lingerMs);
    // Nothing is under way. A later request meets a RST, by which its client knows that it was not received; to read on
    // would hide that, and help nobody.
    else connection.socket.destroy();
  }

  #gone(socket: Socket): void {
    const connection = connectionOf(socket);
    if (!connection || !this.connections.delete(connection)) return;
    if (this.#limitsIdle) this.#idle.delete(connection);
    if (connection.response?.writableFinished) this.#answered(connection);
    this.observer?.gone(connection);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.openCount === 0) this.observer?.empty();
  }
}

function hintOf(server: HttpServer, { timeouts, limitMs }: HardenSettings): string {
  return keepAliveHint({
    keepAliveTimeoutMs: timeouts.keepAliveTimeoutMs,
    limitMs,
    maxRequests: maxRequestsOf(server),
  });
}

/** 0 for any number. */
function maxRequestsOf(server: HttpServer): number {
  return (server as { maxRequestsPerSocket?: number | null }).maxRequestsPerSocket ?? 0;
}

/** What Node waits for inactivity during a request, where the user wants it to. */
function timeoutOf(server: HttpServer): number {
  return (server as { timeout?: number }).timeout ?? 0;
}

function setTimeouts(server: HttpServer, timeouts: ServerTimeouts): void {
  Object.assign(server, {
    keepAliveTimeout: timeouts.keepAliveTimeoutMs,
    headersTimeout: timeouts.headersTimeoutMs,
    requestTimeout: timeouts.requestTimeoutMs,
  });
  if ('keepAliveTimeoutBuffer' in server) server.keepAliveTimeoutBuffer = timeouts.bufferMs;
}
