import http, { type ClientRequest, type AgentOptions as NodeAgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Counts } from '../line/counts.js';
import { type ConnectOptions, originOf, ownDial } from '../line/dial.js';
import { Line } from '../line/line.js';
import type { HoldlineOptions, Mode } from '../line/options.js';
import { Origins } from '../line/origins.js';
import { Aside } from './aside.js';
import { type Created, honourOwnCreateConnection } from './given.js';
import { nodeOptions } from './node-options.js';

/** The options of Node's `http.Agent` and Holdline's. `keepAlive` is on unless it is set to `false`. */
export interface AgentOptions extends NodeAgentOptions, HoldlineOptions {}

/**
 * Node's `http.Agent`, whose connections are let go before the server closes them, and whose requests, when it closes
 * all the same, are sent again where that can do no harm.
 *
 * Gotcha: what goes through a proxy of the environment (`proxyEnv`, `NODE_USE_ENV_PROXY`) uses Node's own sockets.
 *
 * @example
 * import http from 'node:http';
 * import { Agent } from 'holdline';
 *
 * const agent = new Agent();
 * http.get('http://127.0.0.1:3000/', { agent }, (response) => response.resume());
 */
export class Agent extends http.Agent {
  readonly #origins: Origins;
  readonly #aside: Aside;

  /** @throws TypeError for an option that is not allowed; it names the option and its value. */
  constructor(options: AgentOptions = {}) {
    super(nodeOptions(options));
    this.#origins = new Origins(options);
    this.#aside = new Aside('http:', options, this.#origins.settings);
    honourOwnCreateConnection(this, Agent.prototype.createConnection, (to, dial) => {
      const origin = this.#origins.at(originOf('http:', to));
      return origin.mode === 'off' || this.#aside.isAlways ? undefined : new Line(origin, dial, to);
    });
  }

  /**
   * Changes the mode while the program runs; requests that begin from now on follow it.
   *
   * @param origin - Only for this origin, e.g. `'http://billing:3000'`; left out, for all without a mode of their own.
   * @throws TypeError for an unknown mode, or what is not an origin.
   */
  setMode(mode: Mode, origin?: string): void {
    this.#origins.setMode(mode, origin);
  }

  /** What has happened so far, for metrics. The counts only rise. */
  counts(): Counts {
    return { ...this.#origins.counts };
  }

  /** As in Node's agent; a Line is returned, or for the old form `(port, host)` a plain socket. */
  override createConnection(options: ConnectOptions, ...rest: Created[]): Duplex {
    const origin = typeof options === 'object' ? this.#origins.at(originOf('http:', options)) : undefined;
    if (!origin || origin.mode === 'off' || this.#aside.of(options)) {
      return super.createConnection(...([options, ...rest] as never as [never])) as Duplex;
    }
    return new Line(origin, ownDial(options), options);
  }

  /** As in Node's agent, which keeps the socket only if this returns `true`. */
  override keepSocketAlive(socket: Duplex): boolean {
    const keeps = super.keepSocketAlive(socket) as unknown as boolean;
    return keeps && (!(socket instanceof Line) || socket.released());
  }

  /** As in Node's agent. */
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    if (socket instanceof Line) socket.taken();
    super.reuseSocket(socket, request);
  }
}
