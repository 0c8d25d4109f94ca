import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { fail, milliseconds, number } from '../checks.js';
import type { Dial } from '../line/connection.js';
import type { Counts } from '../line/counts.js';
import { originOf } from '../line/dial.js';
import { Line } from '../line/line.js';
import { nodeMachine } from '../line/node-machine.js';
import { type HoldlineOptions, type Mode, withoutHoldline } from '../line/options.js';
import { Origins } from '../line/origins.js';
import { TlsLine } from '../line/tls-line.js';
import type { Connect, Connected, ConnectOptions, ConnectTo } from './connect-options.js';
import { Hold, type IdleMs } from './hold.js';
import { OwnWay } from './own-way.js';
import { Sessions } from './sessions.js';

const DEFAULT_CACHED_SESSIONS = 100;

/** Holdline's options and those of undici's `buildConnector`. Each may be left out. */
export interface ConnectorOptions extends HoldlineOptions, ConnectOptions {
  /**
   * A connector to put Lines on, such as a proxy's, in place of Holdline's own; the other options for connecting are then
   * its affair. Gotcha: its sockets give no evidence of what was never delivered.
   */
  readonly connect?: Connect;
}

/** What Holdline's agents, connectors and dispatchers have in common. */
export interface Controls {
  /**
   * Changes the mode while the program runs; requests that begin from now on follow it.
   *
   * @param origin - Only for this origin, e.g. `'http://billing:3000'`; left out, for all without a mode of their own.
   * @throws TypeError for an unknown mode, or what is not an origin.
   */
  setMode(mode: Mode, origin?: string): void;
  /** What has happened so far, for metrics. The counts only rise. */
  counts(): Counts;
}

/** What undici takes as `connect`, with Holdline's controls. */
export interface Connector extends Controls {
  /** Called by undici. @returns What is connecting. */
  (to: ConnectTo, connected: Connected): Duplex | undefined;
}

/**
 * A connector for the `connect` of any `Agent`, `Pool` or `Client` of undici: its connections are let go before the server
 * closes them, and requests are sent again where that can do no harm. It needs no undici of its own.
 *
 * Undici's own keep-alive timers stay as they are, so a connection is kept as long as the shorter of the two allows:
 * by default 4 s, or 2 s less than the server hints. {@link dispatcher} leaves that to the Line.
 *
 * Gotcha: with `pipelining` above 1 a connection on which a request overtakes a response is left alone from then on.
 *
 * @throws TypeError for an option that is not allowed; it names the option and its value.
 * @example
 * import { Pool } from 'undici';
 * import { connector } from 'holdline/undici';
 *
 * const pool = new Pool('http://127.0.0.1:3000', { connections: 10, connect: connector() });
 * const { body } = await pool.request({ path: '/', method: 'GET' });
 * console.log(await body.text());
 */
export function connector(options: ConnectorOptions = {}): Connector {
  const { connect, ...connecting } = withoutHoldline(options);
  const origins = new Origins(options);
  return Object.assign(connectorAt(origins, connecting, connect), controlsOf(origins));
}

/** The controls of a pool, or of what makes one. */
export function controlsOf(origins: Origins): Controls {
  return {
    setMode: (mode, origin) => origins.setMode(mode, origin),
    counts: () => ({ ...origins.counts }),
  };
}

/** @param idleMs - Where undici's own keep-alive timers are out of the way; see `Hold`. */
export function connectorAt(
  origins: Origins,
  options: ConnectOptions,
  connect?: Connect,
): (to: ConnectTo, connected: Connected, idleMs?: IdleMs) => Duplex | undefined {
  const { timeout, maxCachedSessions } = options;
  if (connect !== undefined && typeof connect !== 'function') fail('connect', connect, 'a function');
  milliseconds('timeout', timeout ?? undefined, 0);
  const most = number(
    'maxCachedSessions',
    maxCachedSessions ?? undefined,
    DEFAULT_CACHED_SESSIONS,
    'a whole number from 0',
    Number.isInteger,
  );
  const sessions = new Sessions(most);
  return (to, connected, idleMs) => {
    const { hostname: host, port, protocol } = to;
    const socketPath = to.socketPath ?? options.socketPath ?? undefined;
    const origin = origins.at(originOf(protocol, { host, port: port || undefined, socketPath }));
    /** Holds the socket under a Line, or leaves it as it is: speaks another protocol, or is to be left alone. */
    const hold = (socket: Duplex, dial: () => Dial, highWaterMark?: number): Duplex | undefined => {
      const { alpnProtocol, encrypted } = socket as Partial<TLSSocket>;
      if (alpnProtocol === 'h2' || (origin.mode === 'off' && !idleMs)) return undefined;
      if (socket instanceof Line) return undefined; // a connector of Holdline's in another one
      const line = encrypted
        ? new TlsLine(origin, dial(), { highWaterMark })
        : new Line(origin, dial(), { highWaterMark });
      line.heldBy(new Hold(line, origin, nodeMachine, idleMs));
      return line;
    };
    const give = (socket: Duplex) => connected(null, socket as never);
    const failed = (error: Error | null) => connected(error ?? new Error('Holdline: connect gave no socket.'), null);
    if (connect)
      return held(connect, to, (error, socket, dial) => (socket ? give(hold(socket, dial) ?? socket) : failed(error)));
    const way = new OwnWay(options, to, sessions, nodeMachine);
    if (to.httpSocket) return way.secureGiven(to.httpSocket, failed, give);
    return way.open((error, made) => {
      if (!made) return failed(error);
      const socket = made.tls ?? made.tcp;
      const line = hold(socket, () => way.dial(made), way.highWaterMark);
      if (!line) made.tcp.allowHalfOpen = false;
      give(way.settle(line ?? socket));
    });
  };
}

/** Asks a user's connector, first and for each later connection. */
function held(
  connect: Connect,
  to: ConnectTo,
  done: (error: Error | null, socket: Duplex | null, dial: () => Dial) => void,
): Duplex | undefined {
  const connecting = connect(to as never, (error, socket) => {
    let atHand = socket;
    done(error, socket, () => ({
      kind: 'given',
      connect(again) {
        const first = atHand;
        atHand = null;
        if (first) again(null, first);
        else connect(to as never, (failure, later) => again(failure, later ?? undefined));
      },
    }));
  });
  return connecting as Duplex | undefined;
}
