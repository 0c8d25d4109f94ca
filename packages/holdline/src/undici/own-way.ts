import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Dial, type Made, onceConnected } from '../line/connection.js';
import type { Machine } from '../line/machine.js';
import type { ConnectOptions, ConnectTo } from './connect-options.js';
import { asUndiciTells, boundConnecting } from './connect-timeout.js';
import type { Sessions } from './sessions.js';

/** As in undici. */
const DEFAULT_TIMEOUT_MS = 10_000;
const TCP_HIGH_WATER_MARK = 65_536;
const TLS_HIGH_WATER_MARK = 16_384;
const KEEP_ALIVE_INITIAL_DELAY_MS = 60_000;

/** How undici's own connector reaches a server, made so that a Line can go the same way again. */
export class OwnWay {
  readonly highWaterMark: number;
  readonly #timeoutMs: number;
  readonly #offersH2: boolean;
  /** Ends the bound on each connection that is being made; TLS is a part of it. */
  readonly #bounds = new WeakMap<Socket, () => void>();

  constructor(
    private readonly options: ConnectOptions,
    private readonly to: ConnectTo,
    private readonly sessions: Sessions,
    private readonly machine: Machine,
  ) {
    this.#timeoutMs = options.timeout ?? DEFAULT_TIMEOUT_MS;
    this.#offersH2 = to.allowH2 ?? options.allowH2 ?? false;
    this.highWaterMark = this.isTls ? TLS_HIGH_WATER_MARK : TCP_HIGH_WATER_MARK;
  }

  get isTls(): boolean {
    return this.to.protocol === 'https:';
  }

  get socketPath(): string | undefined {
    return this.to.socketPath ?? this.options.socketPath ?? undefined;
  }

  /** Connects, with TLS where the protocol has it. @returns What is connecting. */
  open(done: (error: Error | null, made?: Made) => void): Socket {
    const tcp = this.#connect();
    let tls: TLSSocket | undefined;
    let isDone = false;
    const end = (error: Error | null, made?: Made) => {
      if (isDone) return;
      isDone = true;
      done(error, made);
    };
    const failed = (error: Error) => end(asUndiciTells(error, tcp, this.#address, this.#timeoutMs));
    tcp.on('error', failed);
    onceConnected(tcp, this.machine, (handshakeMs) => {
      if (!this.isTls) return end(null, { tcp, handshakeMs });
      tls = this.#secure(tcp);
      tls.on('error', failed);
      tls.once('secureConnect', () => end(null, { tcp, tls, handshakeMs }));
    });
    return tcp;
  }

  /** The same way, for a Line: first over the connection at hand. */
  dial(first: Made): Dial {
    let atHand: Made | undefined = first;
    return {
      kind: 'own',
      connect: () => {
        const made = atHand;
        atHand = undefined;
        return made ?? this.#connect();
      },
      ...(this.isTls && { secure: (tcp) => this.#secure(tcp) }),
    };
  }

  /** TLS over a socket that somebody else has opened: it cannot be opened again, so there is no Line on it. */
  secureGiven(socket: Duplex, failed: (error: Error) => void, done: (tls: TLSSocket) => void): TLSSocket {
    const tls = connectTls({ ...this.#tlsOptions(), socket });
    const end = this.#bound(tls);
    tls.once('error', failed).once('close', end);
    tls.once('secureConnect', () => {
      tls.off('error', failed).on('error', noop); // undici listens too
      end();
      done(this.settle(tls));
    });
    return tls;
  }

  /** Sets on a connection what undici's connector does; a Line sets it on each later one too. */
  settle<Face extends Duplex>(socket: Face): Face {
    const { keepAlive, keepAliveInitialDelay } = this.options;
    const face: Duplex & Pick<Partial<Socket>, 'setKeepAlive' | 'setNoDelay'> = socket;
    if (keepAlive ?? true) face.setKeepAlive?.(true, keepAliveInitialDelay ?? KEEP_ALIVE_INITIAL_DELAY_MS);
    face.setNoDelay?.(true);
    return socket;
  }

  #connect(): Socket {
    const { socketPath } = this;
    const { timeout: _timeout, signal: _signal, ...rest } = this.options as ConnectOptions & { signal?: unknown };
    const where =
      socketPath !== undefined ? { path: socketPath } : { host: this.to.hostname, port: Number(this.#port) };
    const { localAddress } = this.to;
    // half-open, so that nothing is sent before the evidence of a hang-up is weighed
    const all = {
      highWaterMark: this.highWaterMark,
      ...rest,
      ...where,
      ...(localAddress && { localAddress }),
      allowHalfOpen: true,
    };
    const tcp = connectTcp(all as TcpNetConnectOpts);
    const end = this.#bound(tcp);
    this.#bounds.set(tcp, end);
    tcp.once('close', end);
    if (!this.isTls) tcp.once('connect', end);
    return tcp;
  }

  #bound(socket: Socket) {
    return boundConnecting(socket, this.#address, this.#timeoutMs, this.machine);
  }

  #secure(tcp: Socket): TLSSocket {
    const tls = connectTls({ ...this.#tlsOptions(), socket: tcp });
    tls.on('session', (session) => this.sessions.set(this.#sessionKey, session));
    tls.once('secureConnect', () => this.#bounds.get(tcp)?.());
    return tls;
  }

  #tlsOptions() {
    return {
      highWaterMark: this.highWaterMark,
      ...(this.options as object),
      servername: this.#servername,
      session: this.options.session ?? this.sessions.get(this.#sessionKey),
      ALPNProtocols: this.#protocols,
      host: this.to.hostname,
      port: Number(this.#port),
    };
  }

  get #protocols(): string[] {
    if (!this.#offersH2) return ['http/1.1'];
    return this.options.preferH2 ? ['h2', 'http/1.1'] : ['http/1.1', 'h2'];
  }

  get #port(): string {
    return this.to.port || (this.isTls ? '443' : '80');
  }

  get #address(): string {
    return this.socketPath ?? `${this.to.hostname}:${this.#port}`;
  }

  get #servername(): string {
    return this.to.servername || this.options.servername || nameOf(this.to.host ?? this.to.hostname);
  }

  get #sessionKey(): string {
    return this.#servername || this.to.hostname;
  }
}

/** The name for SNI: none for an address. */
function nameOf(host: string): string {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : (host.split(':')[0] ?? '');
  return isIP(host) || isIP(name) ? '' : name;
}

function noop(): void {}
