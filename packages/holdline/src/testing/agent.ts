import { Agent, type AgentOptions, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Counts } from '../line/counts.js';
import { Line, type LineOptions } from '../line/line.js';
import { type HoldlineOptions, originName } from '../line/options.js';
import { Origins } from '../line/origins.js';
import type { MemoryNetwork } from './network.js';

/**
 * Holdline's `Agent` over a {@link MemoryNetwork}: a test decides what arrives, and when, and how much time passes.
 *
 * @example
 * import { createServer, get } from 'node:http';
 * import { text } from 'node:stream/consumers';
 * import { MemoryNetwork, VirtualAgent, VirtualMachine } from 'holdline/testing';
 *
 * const network = new MemoryNetwork(new VirtualMachine());
 * const server = createServer((request, response) => response.end(`hello ${request.url}`));
 * network.listen((socket) => server.emit('connection', socket));
 * const agent = new VirtualAgent(network);
 *
 * const ask = (path: string) =>
 *   new Promise<string>((resolve, reject) => {
 *     get({ host: 'billing', path, agent }, (response) => resolve(text(response))).on('error', reject);
 *   });
 *
 * const first = ask('/first');
 * await network.flow(); // everything arrives; no time passes
 * console.log(await first); // => hello /first
 *
 * await network.machine.clock.advance(3_000); // the connection is idle …
 * network.connections[0]?.serverSocket.destroy(); // … and the server closes it: its FIN is on its way,
 * const second = ask('/second'); // and crosses the next request
 * await network.flow();
 * console.log(await second); // => hello /second
 * console.log(agent.counts().replays); // => 1
 */
export class VirtualAgent extends Agent {
  readonly #network: MemoryNetwork;
  readonly #origins: Origins;

  constructor(network: MemoryNetwork, options: AgentOptions & HoldlineOptions = {}) {
    super({ keepAlive: true, ...options });
    this.#network = network;
    this.#origins = new Origins(options, network.machine);
  }

  /** As of Holdline's `Agent`. */
  counts(): Counts {
    return { ...this.#origins.counts };
  }

  override createConnection(options: LineOptions & { host?: string; port?: number | string }): Line {
    const { host = 'localhost', port = 80 } = options;
    return new Line(this.#origins.at(originName(`http://${host}:${port}`)), this.#network.dial, options);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const keeps = super.keepSocketAlive(socket) as unknown as boolean;
    return keeps && (!(socket instanceof Line) || socket.released());
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    if (socket instanceof Line) socket.taken();
    super.reuseSocket(socket, request);
  }
}
