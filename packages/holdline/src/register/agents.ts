import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { Agent } from '../agent/agent.js';
import { HttpsAgent } from '../agent/https-agent.js';
import { httpsLine } from '../agent/https-line.js';
import { type ConnectOptions, originOf, ownDial } from '../line/dial.js';
import { Line } from '../line/line.js';
import type { Origins } from '../line/origins.js';

/** What of Node's agents is taken hold of; subclasses call it by `super`. */
interface Hooked {
  createConnection(options: ConnectOptions, ...rest: unknown[]): Duplex | undefined;
  keepSocketAlive(socket: Duplex): boolean;
  reuseSocket(socket: Duplex, request: ClientRequest): void;
}

/** Of an agent: what says whether a Line is of use to it. */
interface Kept {
  readonly keepAlive?: boolean;
  readonly options?: { readonly proxyEnv?: unknown };
}

/**
 * Puts Lines under every agent of Node's that keeps connections, whoever made it and whenever: under those of SDKs, of
 * subclasses that call `super.createConnection`, and under the global ones. So Node's prototypes are changed and its
 * classes stay what they are.
 *
 * Not under agents that make their connections in a way of their own, nor those that Node leads through a proxy.
 */
export function hookAgents(origins: Origins): void {
  const plain = http.Agent.prototype as unknown as Hooked;
  const secure = https.Agent.prototype as unknown as Hooked;
  const { createConnection: connect, keepSocketAlive, reuseSocket } = plain;
  const { createConnection: connectSecurely } = secure;

  plain.createConnection = function (this: Kept & Hooked, options, ...rest) {
    const origin = isKept(this, options) ? origins.at(originOf('http:', options)) : undefined;
    if (!origin || origin.mode === 'off') return connect.call(this, options, ...rest);
    return new Line(origin, ownDial(options), options);
  };

  secure.createConnection = function (this: Kept & Hooked, options, ...rest) {
    const origin = isKept(this, options) ? origins.at(originOf('https:', options)) : undefined;
    if (!origin || origin.mode === 'off' || 'socket' in options) return connectSecurely.call(this, options, ...rest);
    return httpsLine(origin, options, (given) => connectSecurely.call(this, given));
  };

  plain.keepSocketAlive = function (this: Kept & Hooked, socket) {
    const keeps = keepSocketAlive.call(this, socket);
    return keeps && (isHoldlines(this) || !(socket instanceof Line) || socket.released());
  };

  plain.reuseSocket = function (this: Kept & Hooked, socket, request) {
    if (!isHoldlines(this) && socket instanceof Line) socket.taken();
    reuseSocket.call(this, socket, request);
  };
}

function isKept(agent: Kept | undefined, options: unknown): options is ConnectOptions {
  if (!agent || isHoldlines(agent) || agent.keepAlive !== true || agent.options?.proxyEnv) return false;
  return typeof options === 'object' && options !== null;
}

/** Holdline's own agents have Lines of their own, with options of their own. */
function isHoldlines(agent: object): boolean {
  return agent instanceof Agent || agent instanceof HttpsAgent;
}
