import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../../random.js';
import type { Address, LinkRules } from '../roles.js';
import { type Deed, Passage, type Segment } from './passage.js';
import { endOf } from './socket-end.js';
import { realTiming } from './timing.js';

/** Where a relay listens, where it leads, and what it does on the way. */
export interface RelayOptions {
  readonly listen: Address;
  readonly to: Address;
  readonly rules: LinkRules;
  readonly random: Random;
  readonly onOpen?: (connection: RelayConnection) => void;
  readonly onSegment?: (connection: RelayConnection, segment: Segment) => void;
  readonly onDeed?: (connection: RelayConnection, deed: Deed) => void;
  readonly onClose?: (connection: RelayConnection) => void;
  /** B could not be reached: A gets a RST. */
  readonly onUnreachable?: (connection: RelayConnection, error: Error) => void;
}

/** A connection of A's; counts up from 0. */
export interface RelayConnection {
  readonly number: number;
  readonly aPort: number;
}

/** A relay that carries. */
export interface Relay {
  readonly address: Address;
  /** Ends all that it carries. */
  close(): Promise<void>;
}

/** How often a relay looks whether B is there again. */
const LOOK_EVERY_MS = 10;

/**
 * Opens a TCP relay: the link and its faults for whoever connects to it. To each side it is the other side's kernel, so
 * it takes A's bytes even when B has long closed; the handshake alone takes no time, whatever the delay. While B refuses
 * connections, so does the relay: only the one that found it out has been accepted, and gets a RST.
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  let connections = 0;
  let away = false;
  let closed = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (a) => {
    keep(a);
    keep(carry(a, { number: connections++, aPort: a.remotePort ?? 0 }, options, stayAway));
  });
  await listen(server, options.listen);
  const { port } = server.address() as AddressInfo;
  const address = { host: options.listen.host, port };

  function stayAway(): void {
    if (away || closed) return;
    away = true;
    server.close();
    lookForB();
  }

  function lookForB(): void {
    const again = () => void setTimeout(lookForB, LOOK_EVERY_MS);
    if (closed) return;
    const b = keep(connect(options.to));
    b.once('error', again).once('connect', () => {
      b.off('error', again).on('error', () => {});
      b.destroy();
      if (closed) return;
      void listenAgain(again);
    });
  }

  async function listenAgain(orLookAgain: () => void): Promise<void> {
    try {
      await listen(server, address);
      away = false;
      if (closed) server.close();
    } catch {
      // Somebody has the port for a moment.
      orLookAgain();
    }
  }

  return {
    address,
    async close() {
      closed = true;
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await done;
    },
  };
}

function carry(a: Socket, connection: RelayConnection, options: RelayOptions, onAway: () => void): Socket {
  const { to, rules, random, onOpen, onSegment, onDeed, onClose, onUnreachable } = options;
  onOpen?.(connection);
  const b = connect({ ...to, allowHalfOpen: true, noDelay: true });
  const unreachable = (error: NodeJS.ErrnoException) => {
    onUnreachable?.(connection, error);
    passage.refuse();
    if (error.code === 'ECONNREFUSED') onAway();
  };
  b.once('error', unreachable).once('connect', () => b.off('error', unreachable));
  a.once('close', () => onClose?.(connection));
  const passage = new Passage({
    ...{ a: endOf(a), b: endOf(b), rules, random },
    timing: realTiming,
    onSegment: (segment) => onSegment?.(connection, segment),
    onDeed: (deed) => onDeed?.(connection, deed),
  });
  return b;
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host, port, backlog: 4_096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
