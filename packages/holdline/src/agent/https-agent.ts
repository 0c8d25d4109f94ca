import type { ClientRequest } from 'node:http';
import https, { type AgentOptions as NodeHttpsAgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Counts } from '../line/counts.js';
import { type ConnectOptions, originOf } from '../line/dial.js';
import { Line } from '../line/line.js';
import type { HoldlineOptions, Mode } from '../line/options.js';
import { Origins } from '../line/origins.js';
import { TlsLine } from '../line/tls-line.js';
import { Aside } from './aside.js';
import { type Created, honourOwnCreateConnection } from './given.js';
import { httpsLine } from './https-line.js';
import { nodeOptions } from './node-options.js';

/** The options of Node's `https.Agent` and Holdline's. `keepAlive` is on unless it is set to `false`. */
export interface HttpsAgentOptions extends NodeHttpsAgentOptions, HoldlineOptions {}

/**
 * Node's `https.Agent` with what {@link Agent} does. Session resumption, SNI, ALPN and client certificates are Node's
 * own: the Line opens the TCP connection, and Node's agent speaks TLS over it.
 *
 * @example
 * import https from 'node:https';
 * import { HttpsAgent } from 'holdline';
 *
 * // from now on every https.request and https.get of this program
 * https.globalAgent = new HttpsAgent({ origins: { 'https://pay.example': { idempotencyKeys: true } } });
 */
export class HttpsAgent extends https.Agent {
  readonly #origins: Origins;
  readonly #aside: Aside;

  /** @throws TypeError for an option that is not allowed; it names the option and its value. */
  constructor(options: HttpsAgentOptions = {}) {
    super(nodeOptions(options));
    this.#origins = new Origins(options);
    this.#aside = new Aside('https:', options, this.#origins.settings);
    honourOwnCreateConnection(this, HttpsAgent.prototype.createConnection, (to, dial) => {
      const origin = this.#origins.at(originOf('https:', to));
      return origin.mode === 'off' || this.#aside.isAlways ? undefined : new TlsLine(origin, dial, to);
    });
  }

  /** See {@link Agent.setMode}. */
  setMode(mode: Mode, origin?: string): void {
    this.#origins.setMode(mode, origin);
  }

  /** What has happened so far, for metrics. The counts only rise. */
  counts(): Counts {
    return { ...this.#origins.counts };
  }

  /** As in Node's agent; a Line is returned, or for the old form `(port, host)` a plain socket. */
  override createConnection(options: ConnectOptions, ...rest: Created[]): Duplex {
    const origin = typeof options === 'object' ? this.#origins.at(originOf('https:', options)) : undefined;
    if (!origin || origin.mode === 'off' || this.#aside.of(options)) {
      return super.createConnection(...([options, ...rest] as never as [never])) as Duplex;
    }
    return httpsLine(origin, options, (given) => super.createConnection(given as never) as unknown as Duplex);
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
