import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { elapsedMs, type Instant } from '../policy/idle-time.js';
import { heldHint, type KeepAliveHint } from '../policy/keep-alive-header.js';
import type { Machine } from './machine.js';
import type { Piece } from './recording.js';

/**
 * How a Line opens its sockets.
 *
 * `own`: a TCP connection that is the Line's alone, so that it can be looked at and may serve as evidence, and TLS over
 * it where `secure` is given. `given`: whatever a user's own `createConnection` returns; no evidence.
 */
export type Dial =
  | { readonly kind: 'own'; connect(): Socket | Made; readonly secure?: (tcp: Socket) => TLSSocket }
  | { readonly kind: 'given'; connect(done: (error: Error | null, socket?: Duplex) => void): void };

/** An own connection that was made before its Line was. */
export interface Made {
  readonly tcp: Socket;
  /** Where TLS is spoken over it. */
  readonly tls?: TLSSocket | undefined;
  readonly handshakeMs: number;
}

/** What a connection tells its Line. After `ended`, `failed` or `closed` nothing more comes but `closed`. */
export interface ConnectionListener {
  /** A TCP or TLS socket was made and tells its own story: `lookup`, `connect`, `session` … */
  made(connection: Connection, socket: Duplex): void;
  /** Requests may be written. */
  opened(connection: Connection): void;
  received(connection: Connection, chunk: Buffer): void;
  ended(connection: Connection): void;
  /** There is room for more to write. */
  drained(connection: Connection): void;
  failed(connection: Connection, error: Error): void;
  closed(connection: Connection): void;
}

/** Settings that the client made on the Line and that a new socket must get too. */
export interface SocketSettings {
  keepAlive?: [enable?: boolean, initialDelayMs?: number];
  noDelay?: boolean;
  unref: boolean;
}

/** Responses between two readings of a head that has no reason to have changed. */
const REREAD_EVERY = 32;

/** One real socket under a Line. */
export class Connection {
  /** What is written to and read from: the TLS socket, or the TCP socket, or the user's stream. */
  socket: Duplex | undefined;
  /** The TCP socket, where the Line opened it itself. */
  tcp: Socket | undefined;
  /** When it could first be written to. */
  openedAt: Instant;
  handshakeMs = 0;
  /** The Line opened it itself, over TCP: it can give evidence. */
  isOwnTcp = false;
  /** TLS is spoken over that TCP socket. */
  isTls = false;
  /** Bytes handed to the TCP socket for the feeler of the request that is about to be written; `undefined`: none went. */
  feelerBytes: number | undefined;
  quickestAnswerMs: number | undefined;
  /** Responses that began on it, and when the latest came. */
  served = 0;
  response: { firstByte: Instant; lastByte: Instant; bytes: number } | undefined;
  hint: KeepAliveHint = {};
  firstMax: number | undefined;
  isOpen = false;
  /** The server has ended it. */
  hasEnded = false;
  isClosed = false;
  /** Its send queue can be read quickly, or that was tried. */
  #wasParked = false;
  #left = false;

  constructor(
    private readonly machine: Machine,
    private readonly listener: ConnectionListener,
    private readonly settings: SocketSettings,
  ) {
    this.openedAt = machine.now();
  }

  /** Begins to connect. The listener may hear of it before this returns. */
  open(dial: Dial): void {
    if (dial.kind === 'given') return this.#openGiven(dial);
    const connecting = dial.connect();
    if ('handshakeMs' in connecting) this.#takeMade(connecting);
    else this.#openOwn(connecting, dial.secure);
  }

  /** What can be asked of the kernel: the TCP socket under TLS, or else the socket itself. */
  get wire(): Duplex | undefined {
    return this.tcp ?? this.socket;
  }

  /** A response has begun. @param askedAt - When the request's last byte was sent. */
  noteResponse(now: Instant, askedAt: Instant | undefined): void {
    this.served++;
    this.response ??= { firstByte: now, lastByte: now, bytes: 0 };
    this.response.firstByte = this.response.lastByte = now;
    this.response.bytes = 0;
    const answerMs = elapsedMs(askedAt ?? now, now);
    this.quickestAnswerMs = Math.min(this.quickestAnswerMs ?? answerMs, answerMs);
  }

  /** Bytes of the response came. */
  noteBytes(bytes: number, now: Instant): void {
    if (!this.response) return;
    this.response.lastByte = now;
    this.response.bytes += bytes;
  }

  noteHint(hint: KeepAliveHint): void {
    this.hint = heldHint(this.hint, hint);
    this.firstMax ??= hint.max;
  }

  /**
   * Whether the next response's head should be read for its `Keep-Alive`. It hardly ever changes on a connection, but
   * for a number of requests that is counted down.
   */
  get isHintWanted(): boolean {
    return this.firstMax !== undefined || this.served % REREAD_EVERY === 0;
  }

  /** All bytes that the TCP socket was given; 0 where the Line does not own one. */
  get bytesHanded(): number {
    return this.tcp ? this.machine.bytesHanded(this.tcp) : 0;
  }

  /** The time to the next hop and back, in ms; where a user's stream tells of no handshake, the quickest answer. */
  get roundTripMs(): number {
    return this.isOwnTcp ? this.handshakeMs : (this.quickestAnswerMs ?? this.handshakeMs);
  }

  /** See `Idler.toPark`; it is asked once. */
  toPark(): Duplex | undefined {
    const asked = this.#wasParked;
    this.#wasParked = true;
    return this.isOwnTcp && !asked ? this.tcp : undefined;
  }

  /** Sends the first byte of a request ahead; {@link write} then leaves it out. */
  writeFeeler(pieces: readonly Piece[]): void {
    const before = this.bytesHanded;
    this.socket?.write(bytesOf(pieces).subarray(0, 1));
    this.feelerBytes = this.bytesHanded - before;
  }

  /** Writes several pieces as one. @returns Whether the socket has room for more; if not, `drained` is told. */
  write(pieces: readonly Piece[]): boolean {
    const { socket } = this;
    if (!socket) return false;
    if (this.feelerBytes !== undefined) {
      this.feelerBytes = undefined;
      return socket.write(bytesOf(pieces).subarray(1));
    }
    const [only] = pieces;
    if (only && pieces.length === 1) return socket.write(only.data, only.encoding);
    let hasRoom = true;
    socket.cork();
    for (const piece of pieces) hasRoom = socket.write(piece.data, piece.encoding);
    socket.uncork();
    return hasRoom;
  }

  /** Lets a new socket be as the client has set the old one. */
  applySettings(socket: Duplex): void {
    const { keepAlive, noDelay, unref } = this.settings;
    const face = socket as Partial<Socket>;
    if (keepAlive) face.setKeepAlive?.(...keepAlive);
    if (noDelay !== undefined) face.setNoDelay?.(noDelay);
    if (unref) face.unref?.();
  }

  /** Ends it at once, and tells the Line no more than that it closed. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.socket?.destroy();
    this.tcp?.destroy();
    if (!this.socket && !this.tcp) this.#close();
  }

  #openOwn(tcp: Socket, secure: ((tcp: Socket) => TLSSocket) | undefined): void {
    this.tcp = tcp;
    onceConnected(tcp, this.machine, (handshakeMs) => {
      this.#connected(tcp, handshakeMs);
      if (this.#left || !secure) return;
      tcp.removeListener('error', this.#fail);
      tcp.removeListener('close', this.#close);
      tcp.on('error', noop); // the TLS socket tells of it
      this.isTls = true;
      const tls = secure(tcp);
      this.#listen(tls, 'secureConnect');
    });
    if (secure) {
      tcp.on('error', this.#fail).on('close', this.#close);
      this.applySettings(tcp);
      this.listener.made(this, tcp);
    } else this.#listen(tcp, 'connect');
  }

  #takeMade({ tcp, tls, handshakeMs }: Made): void {
    this.tcp = tcp;
    this.#connected(tcp, handshakeMs);
    if (tls) tcp.on('error', noop); // the TLS socket tells of it
    this.isTls = tls !== undefined;
    this.#listen(tls ?? tcp, tls ? 'secureConnect' : 'connect');
  }

  #connected(tcp: Socket, handshakeMs: number): void {
    this.handshakeMs = handshakeMs;
    // asked now, for it cannot be told any more after a RST; a Unix socket has no address
    this.isOwnTcp = tcp.remoteAddress !== undefined;
  }

  #openGiven(dial: Dial & { kind: 'given' }): void {
    dial.connect((error, socket) => {
      if (error || !socket)
        this.#fail(error ?? new Error('Holdline: createConnection gave neither a socket nor an error.'));
      else if (this.#left) socket.destroy();
      else this.#listen(socket, (socket as Partial<TLSSocket>).encrypted ? 'secureConnect' : 'connect');
    });
  }

  #listen(socket: Duplex, opens: 'connect' | 'secureConnect'): void {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#left) this.listener.received(this, chunk);
    });
    socket.on('end', () => {
      this.hasEnded = true;
      if (!this.#left) this.listener.ended(this);
    });
    socket.on('drain', () => this.listener.drained(this));
    socket.on('error', this.#fail);
    socket.on('close', this.#close);
    this.applySettings(socket);
    this.listener.made(this, socket);
    const { connecting, secureConnecting } = socket as Partial<TLSSocket & { secureConnecting: boolean }>;
    if (connecting || (opens === 'secureConnect' && secureConnecting !== false)) socket.once(opens, this.#open);
    else this.#open();
  }

  readonly #open = (): void => {
    if (this.#left || this.isOpen) return;
    this.isOpen = true;
    this.openedAt = this.machine.now();
    this.listener.opened(this);
  };

  readonly #fail = (error: Error): void => {
    if (!this.#left) this.listener.failed(this, error);
  };

  readonly #close = (): void => {
    this.isClosed = true;
    this.listener.closed(this);
  };
}

/** Tells when a TCP socket has connected, and how long the handshake took, in ms. */
export function onceConnected(tcp: Socket, machine: Machine, connected: (handshakeMs: number) => void): void {
  let attemptedAt = machine.now();
  // the handshake begins when the address is known, and anew with each address that is tried
  const attempted = () => {
    attemptedAt = machine.now();
  };
  tcp.on('lookup', attempted).on('connectionAttempt', attempted);
  tcp.once('connect', () => {
    tcp.off('lookup', attempted).off('connectionAttempt', attempted);
    connected(elapsedMs(attemptedAt, machine.now()));
  });
}

function bytesOf(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map(({ data, encoding }) => (typeof data === 'string' ? Buffer.from(data, encoding) : data)),
  );
}

function noop(): void {}
