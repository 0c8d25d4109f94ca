import { connect, constants } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from './clock.js';
import type { Http2Observation } from './observation.js';
import type { Route, TlsRoute } from './wire.js';

/** Headers that speak of an HTTP/1.1 connection: HTTP/2 refuses them. */
const HTTP1_ONLY = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** What an HTTP/2 connection is asked for. */
export interface Http2Request {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One HTTP/2 connection being watched. */
export interface Http2Watch {
  /** Undefined where the server does not choose HTTP/2, or nothing came of it. */
  readonly done: Promise<Http2Observation | undefined>;
  /** Tells how far it came. */
  stop(): void;
}

/**
 * Offers HTTP/2 by ALPN; where it is chosen, sends a PING and a request, and watches how the server ends the idle
 * connection. It never pings again: that would keep alive what is to be seen dying.
 */
export function watchHttp2(route: Route, request: Http2Request, clock: Clock): Http2Watch {
  const { tls } = route;
  // Through a proxy, as for Unix sockets, HTTP/2 is not looked at: HTTP/1.1 is what pools meet there.
  if (!tls || route.proxy || route.socketPath !== undefined) return { done: Promise.resolve(undefined), stop() {} };
  let finish: (observation: Http2Observation | undefined) => void = () => {};
  const done = new Promise<Http2Observation | undefined>((resolve) => {
    finish = resolve;
  });
  const watching = new Http2Connection(openTls(route, tls), request, clock, finish);
  return { done, stop: () => watching.stop() };
}

function openTls({ address, host, port }: Route, { serverName, insecure, ca }: TlsRoute): TLSSocket {
  return connectTls({
    host: address ?? host,
    port,
    ...(!isIP(serverName) && { servername: serverName }),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: !insecure,
    ...(ca !== undefined && { ca }),
  });
}

class Http2Connection {
  readonly #clock: Clock;
  readonly #socket: TLSSocket;
  readonly #finish: (observation: Http2Observation | undefined) => void;
  #close = () => {};
  #idleSince: number | undefined;
  #seen: { pingMs?: number; status?: number; goawayCode?: number } = {};
  #goawayAt: number | undefined;
  #over = false;

  constructor(
    socket: TLSSocket,
    request: Http2Request,
    clock: Clock,
    finish: (observation: Http2Observation | undefined) => void,
  ) {
    this.#clock = clock;
    this.#socket = socket;
    this.#finish = finish;
    socket.on('error', () => this.#end(true));
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol === 'h2') this.#speak(request);
      else this.#end(false);
    });
    socket.once('close', () => this.#end(true));
  }

  stop(): void {
    this.#end(false);
  }

  #speak({ method, path, authority, headers }: Http2Request): void {
    const session = connect(`https://${authority}`, { createConnection: () => this.#socket });
    this.#close = () => session.destroy();
    session.on('error', () => this.#end(true));
    session.on('goaway', (code) => {
      this.#seen = { ...this.#seen, goawayCode: code };
      this.#goawayAt ??= this.#nowMs();
    });
    session.on('close', () => this.#end(true));
    session.ping((error, tookMs) => {
      if (!error) this.#seen = { ...this.#seen, pingMs: tookMs };
    });
    const kept = Object.entries(headers).filter(([name]) => !HTTP1_ONLY.has(name.toLowerCase()));
    const stream = session.request({
      ...Object.fromEntries(kept),
      [constants.HTTP2_HEADER_METHOD]: method,
      [constants.HTTP2_HEADER_PATH]: path,
    });
    stream.on('response', (response) => {
      const status = response[constants.HTTP2_HEADER_STATUS];
      if (status !== undefined) this.#seen = { ...this.#seen, status: Number(status) };
    });
    stream.on('error', () => {});
    stream.resume().on('close', () => {
      this.#idleSince = this.#nowMs();
    });
    stream.end();
  }

  #nowMs(): number {
    return this.#clock.now().monotonicMs;
  }

  #end(closed: boolean): void {
    if (this.#over) return;
    this.#over = true;
    const since = this.#idleSince;
    this.#close();
    this.#socket.destroy();
    if (since === undefined) return this.#finish(undefined);
    const by = this.#goawayAt === undefined ? 'fin' : 'goaway';
    const endedAt = closed ? (this.#goawayAt ?? this.#nowMs()) : this.#nowMs();
    this.#finish({ ...this.#seen, idleMs: endedAt - since, closed, ...(closed && { by }) });
  }
}
