import type { Socket } from 'node:net';
import type { Dial } from '../line/connection.js';
import { settled } from './clock.js';
import type { VirtualMachine } from './machine.js';
import { failure, MemorySocket } from './socket.js';
import { type Segment, TcpEnd } from './tcp.js';

const PORT = 80;
const FIRST_LOCAL_PORT = 40_000;
/** More segments than any test sends. Who gets there goes round in circles. */
const MOST_STEPS = 100_000;

/** A connection between a client on a {@link VirtualMachine} and a server. Nothing arrives unless it is told to. */
export class MemoryConnection {
  /** The client's socket. */
  readonly client: MemorySocket;
  /** The server's kernel. A test may play the server on it, or take {@link MemoryConnection.serverSocket}. */
  readonly server = new TcpEnd();
  #state: 'connecting' | 'open' | 'refused' = 'connecting';
  #serverSocket: MemorySocket | undefined;

  constructor(
    private readonly machine: VirtualMachine,
    private readonly localPort: number,
    /** How many unacknowledged bytes each kernel takes. */
    private readonly sendBufferBytes = Number.POSITIVE_INFINITY,
  ) {
    const state = { localPort, remotePort: PORT, connecting: true, sendBufferBytes };
    this.client = new MemorySocket(new TcpEnd(), machine, state);
  }

  /** `abandoned`: the client gave up before the server had answered. */
  get state(): 'connecting' | 'open' | 'refused' | 'abandoned' {
    return this.#state === 'connecting' && this.client.destroyed ? 'abandoned' : this.#state;
  }

  /** The handshake succeeds. */
  accept(): void {
    if (this.state !== 'connecting') return;
    this.#state = 'open';
    this.client.connected();
  }

  /** Nobody listens. */
  refuse(): void {
    if (this.state !== 'connecting') return;
    this.#state = 'refused';
    this.client.destroy(failure('connect', 'ECONNREFUSED'));
  }

  /** What is on its way to the server, the next to arrive first. */
  get toServer(): readonly Segment[] {
    return this.state === 'open' ? this.client.tcp.wire : [];
  }

  /** What is on its way to the client, the next to arrive first. */
  get toClient(): readonly Segment[] {
    return this.server.wire;
  }

  /** The next segment arrives in the server's kernel. */
  reachServer(): void {
    const segment = this.client.tcp.wire.shift();
    if (segment) this.server.arrive(segment);
  }

  /** The next segment arrives in the client's kernel; its program hears of it when its loop turns. */
  reachClient(): void {
    const segment = this.server.wire.shift();
    if (segment) this.client.tcp.arrive(segment);
  }

  /** The server's end as a socket, for an `http.Server`'s `connection` event; its loop is the client's. */
  get serverSocket(): MemorySocket {
    const { localPort: remotePort, sendBufferBytes } = this;
    const state = { localPort: PORT, remotePort, connecting: false, sendBufferBytes };
    this.#serverSocket ??= new MemorySocket(this.server, this.machine, state);
    return this.#serverSocket;
  }
}

/**
 * Connections in memory, in the order in which they were opened.
 *
 * @example
 * const network = new MemoryNetwork(new VirtualMachine());
 * http.get('http://billing/', { agent: new VirtualAgent(network) });
 * network.connections[0]?.accept();
 */
export class MemoryNetwork {
  readonly connections: MemoryConnection[] = [];
  /** Opens a connection that waits for {@link MemoryConnection.accept} or {@link MemoryConnection.refuse}. */
  readonly dial: Dial = { kind: 'own', connect: () => this.connect() as unknown as Socket };
  #serve: ((socket: MemorySocket) => void) | undefined;

  constructor(readonly machine: VirtualMachine) {}

  /** Begins to connect. */
  connect(): MemorySocket {
    const connection = new MemoryConnection(this.machine, FIRST_LOCAL_PORT + this.connections.length);
    this.connections.push(connection);
    return connection.client;
  }

  /** From now on {@link flow} accepts connections, and hands their server's end to `serve`. */
  listen(serve: (socket: MemorySocket) => void): void {
    this.#serve = serve;
  }

  /** Lets everything arrive, and the loop turn, until nothing moves any more. No time passes. */
  async flow(): Promise<void> {
    await settled();
    for (let step = 0; this.#moves(); step++) {
      if (step > MOST_STEPS) throw new Error(`Holdline: the network still moves after ${MOST_STEPS} steps.`);
      await settled();
      await this.machine.turn();
    }
  }

  #moves(): boolean {
    let moved = false;
    for (const connection of this.connections) {
      if (this.#serve && connection.state === 'connecting') {
        connection.accept();
        this.#serve(connection.serverSocket);
        moved = true;
      }
      moved ||= connection.toServer.length + connection.toClient.length > 0;
      while (connection.toServer.length > 0) connection.reachServer();
      while (connection.toClient.length > 0) connection.reachClient();
    }
    return moved || this.machine.hasWork;
  }
}
