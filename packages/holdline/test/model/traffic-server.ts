import {
  Ledger,
  type MemoryConnection,
  type MemoryNetwork,
  ScriptedServer,
  type VirtualClock,
} from '../../src/testing/index.js';

/** What B does over a request that it has executed: closes the connection, or resets it. */
export type Fault = 'dies' | 'resets';

export interface TrafficServerHabits {
  /** It closes a connection that has been idle for so long, in ms. */
  readonly limitMs: number;
  /** It half-closes and reads on. */
  readonly lingers?: boolean;
  /** The `Keep-Alive` header of its answers. */
  readonly keepAlive?: string;
  readonly oneWayMs: number;
}

const RESTART_MS = 50;

interface Peer {
  readonly connection: MemoryConnection;
  readonly server: ScriptedServer;
  /** Segments on their way whose arrival is arranged. */
  toServer: number;
  served: number;
  toClient: number;
  endIdle: () => void;
}

/** A B at the other end of a network on which everything takes its time. */
export class TrafficServer {
  readonly faults = new Map<string, Fault>();
  readonly #ledger = new Ledger();
  readonly #peers: Peer[] = [];
  #known = 0;
  #downUntilMs = 0;

  constructor(
    private readonly network: MemoryNetwork,
    private readonly clock: VirtualClock,
    private readonly habits: TrafficServerHabits,
  ) {}

  /** Ends all connections, and is not there for a moment. */
  restart(): void {
    this.#downUntilMs = this.clock.now().monotonicMs + RESTART_MS;
    for (const peer of this.#peers) this.#end(peer);
  }

  /** Arranges for what was sent to arrive. */
  pass(): void {
    const { connections } = this.network;
    for (; this.#known < connections.length; this.#known++) {
      const connection = connections[this.#known];
      if (connection) this.clock.timer(2 * this.habits.oneWayMs, () => this.#meet(connection));
    }
    for (const peer of this.#peers) this.#carry(peer);
    const gone = this.#peers.findIndex(({ connection, server }) => server.tcp.closed && connection.client.destroyed);
    if (gone >= 0 && this.#peers[gone]?.toServer === 0 && this.#peers[gone]?.toClient === 0)
      this.#peers.splice(gone, 1);
  }

  #meet(connection: MemoryConnection): void {
    if (this.clock.now().monotonicMs < this.#downUntilMs) return connection.refuse();
    connection.accept();
    const { keepAlive } = this.habits;
    const server = new ScriptedServer(connection.server, this.#ledger, keepAlive === undefined ? {} : { keepAlive });
    this.#peers.push({ connection, server, served: 0, toServer: 0, toClient: 0, endIdle: () => {} });
  }

  #carry(peer: Peer): void {
    const { connection } = peer;
    for (; peer.toServer < connection.toServer.length; peer.toServer++) {
      this.clock.timer(this.habits.oneWayMs, () => {
        peer.toServer--;
        connection.reachServer();
        this.#serve(peer);
      });
    }
    for (; peer.toClient < connection.toClient.length; peer.toClient++) {
      this.clock.timer(this.habits.oneWayMs, () => {
        peer.toClient--;
        connection.reachClient();
      });
    }
  }

  #serve(peer: Peer): void {
    const { server } = peer;
    if (server.tcp.finReceived) server.close();
    if (server.tcp.closed) return;
    server.execute();
    if (server.hasEnded) return;
    for (let id = server.owing[0]; id !== undefined; id = server.owing[0]) {
      // a request that never came here on an old connection did not meet its fault: then it is no fault of the new one
      const fault = peer.served > 0 || id.startsWith('prime') ? this.faults.get(id) : undefined;
      this.faults.delete(id); // the next attempt is answered
      if (fault === 'dies') return server.close();
      if (fault === 'resets') return server.reset();
      server.answer();
      peer.served++;
      peer.endIdle();
      peer.endIdle = this.clock.timer(this.habits.limitMs, () => this.#end(peer));
    }
  }

  #end({ server }: Peer): void {
    if (server.hasEnded) return;
    if (this.habits.lingers) server.halfClose();
    else server.close();
  }
}
