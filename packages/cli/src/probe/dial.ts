import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, type Instant, systemClock } from './clock.js';
import { connectFailure, type Failure } from './failure.js';
import { certificateFailure, handshakeFailure } from './tls-failure.js';
import { TlsTap } from './tls-tap.js';
import { nameOf, type Route, type Wire, type WireEnd, type WireListener } from './wire.js';

/** A connect or a handshake that takes longer has failed, in ms. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a real connection: TCP or a Unix socket, through a proxy's CONNECT where asked for, with TLS where asked for. */
export function dial(route: Route, listener: WireListener, clock: Clock = systemClock): Wire {
  return new Connection(route, listener, clock);
}

class Connection implements Wire {
  readonly #route: Route;
  readonly #clock: Clock;
  readonly #raw: Socket;
  readonly #cancelTimeout: () => void;
  #listener: WireListener | undefined;
  #tap: TlsTap | undefined;
  #tls: TLSSocket | undefined;
  #connectMs = 0;
  #isOpen = false;

  constructor(route: Route, listener: WireListener, clock: Clock) {
    this.#route = route;
    this.#listener = listener;
    this.#clock = clock;
    const begun = clock.now();
    const { socketPath, proxy } = route;
    this.#raw = connect(
      socketPath === undefined
        ? {
            host: proxy?.host ?? route.address ?? route.host,
            port: proxy?.port ?? route.port,
            noDelay: true,
            allowHalfOpen: true,
          }
        : { path: socketPath, allowHalfOpen: true },
    );
    this.#raw.on('error', (error) => this.#failed(error));
    this.#raw.once('connect', () => {
      this.#connectMs = clock.now().monotonicMs - begun.monotonicMs;
      if (proxy) this.#tunnel(proxy.authorization);
      else this.#secure();
    });
    this.#cancelTimeout = clock.timer(CONNECT_TIMEOUT_MS, () => {
      this.#fail({
        code: 'connect-timeout',
        message: `${nameOf(route)} was not connected to within ${CONNECT_TIMEOUT_MS / 1_000} s.`,
      });
    });
  }

  write(text: string): void {
    (this.#tls ?? this.#raw).write(text, 'latin1');
  }

  destroy(): void {
    this.#listener = undefined;
    this.#cancelTimeout();
    this.#tls?.destroy();
    this.#raw.destroy();
  }

  /** Asks the proxy for a tunnel; what follows its answer's head belongs to the tunnel. */
  #tunnel(authorization: string | undefined): void {
    const { host, port, proxy } = this.#route;
    const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const credentials = authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`;
    this.#raw.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`, 'latin1');
    const askedAt = this.#clock.now();
    let head = Buffer.alloc(0);
    const refused = (why: string): void =>
      this.#fail({
        code: 'proxy-refused',
        message: `The proxy ${proxy?.host}:${proxy?.port} gives no tunnel to ${authority}: ${why}.`,
      });
    const ended = () => refused('it closed the connection');
    const read = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#raw.off('data', read).off('end', ended);
      // The tunnel was made in a round trip to the proxy and one beyond: that is the path's.
      this.#connectMs = this.#clock.now().monotonicMs - askedAt.monotonicMs;
      const statusLine = head.toString('latin1', 0, head.indexOf('\r\n'));
      if (!/^HTTP\/1\.[01] 2\d\d/.test(statusLine)) return refused(`it answered '${statusLine}'`);
      this.#raw.pause();
      if (head.length > end + 4) this.#raw.unshift(head.subarray(end + 4));
      this.#secure();
    };
    this.#raw.on('data', read).on('end', ended);
  }

  #secure(): void {
    const { tls, host } = this.#route;
    if (!tls) return this.#ready();
    const tap = new TlsTap(this.#raw, this.#clock);
    this.#tap = tap;
    const name = tls.serverName;
    const socket = connectTls({
      socket: tap,
      // An address is no name to indicate, but the certificate is checked against it.
      ...(isIP(name) ? { host: name } : { servername: name }),
      ALPNProtocols: [...tls.alpn],
      // Judged below, so that the report says what is wrong with the certificate.
      rejectUnauthorized: false,
      ...(tls.ca !== undefined && { ca: tls.ca }),
    });
    this.#tls = socket;
    socket.on('error', (error) => {
      if (!this.#isOpen) this.#fail(handshakeFailure(error, name || host));
      else this.#ended('reset', this.#clock.now());
    });
    const ended = () => (tap.finAt ? this.#ended('fin', tap.finAt) : this.#ended('close-notify', tap.heardAt));
    socket.on('end', ended);
    // Where TLS keeps a FIN to itself.
    this.#raw.on('end', () => setImmediate(ended));
    socket.once('secureConnect', () => {
      const failure = tls.insecure ? undefined : certificateFailure(socket, name);
      if (failure) this.#fail(failure);
      else this.#ready(socket);
    });
  }

  #ready(tls?: TLSSocket): void {
    this.#isOpen = true;
    this.#cancelTimeout();
    const stream = tls ?? this.#raw;
    stream.on('data', (bytes: Buffer) => this.#listener?.data(bytes, this.#tap?.heardAt ?? this.#clock.now()));
    if (!tls) stream.on('end', () => this.#ended('fin', this.#clock.now()));
    const { localPort } = this.#raw;
    this.#listener?.open({
      at: this.#clock.now(),
      connectMs: this.#connectMs,
      ...(localPort !== undefined && { localPort }),
      ...(tls && { alpn: tls.alpnProtocol || 'http/1.1', tlsVersion: tls.getProtocol() ?? 'TLS' }),
    });
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (!this.#isOpen) return this.#fail(connectFailure(error, nameOf(this.#route)));
    const how = error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'lost';
    this.#ended(how, this.#clock.now());
  }

  #ended(how: WireEnd, at: Instant): void {
    const listener = this.#listener;
    if (!listener) return;
    if (!this.#isOpen) {
      const said = how === 'reset' ? 'reset' : 'closed';
      return this.#fail({
        code: 'tls-failed',
        message: `${nameOf(this.#route)} ${said} the connection in the TLS handshake: does it speak TLS there?`,
      });
    }
    this.destroy();
    listener?.end(how, at);
  }

  #fail(failure: Failure): void {
    const listener = this.#listener;
    this.destroy();
    listener?.fail(failure);
  }
}
