import type { Duplex } from 'node:stream';
import type { Dial } from '../line/connection.js';
import { Line } from '../line/line.js';
import type { Origins } from '../line/origins.js';
import { type ConnectOptions, originOf } from './dial.js';

/** How Node's agents are told of a new socket that was not returned. */
export type Created = (error: Error | null, socket: Duplex) => void;

/** A `createConnection` as a user may write it: it returns the socket, or hands it to the callback. */
export type CreateConnection = (options: ConnectOptions, created: Created) => Duplex | null | undefined | void;

/**
 * Puts Lines on the sockets of a user's own `createConnection`, be it a subclass's method or assigned to the agent. Such
 * a socket may be anything, so it gives no evidence. What already is a Line stays as it is.
 *
 * @param inherited - Holdline's own method, which needs no wrapping.
 */
export function honourOwnCreateConnection(
  agent: { createConnection: unknown },
  inherited: unknown,
  origins: Origins,
  protocol: string,
): void {
  const overridden = agent.createConnection;
  let made = overridden === inherited ? inherited : wrap(overridden as CreateConnection, agent, origins, protocol);
  Object.defineProperty(agent, 'createConnection', {
    configurable: true,
    enumerable: false,
    get: () => made,
    set: (own: CreateConnection) => {
      made = wrap(own, agent, origins, protocol);
    },
  });
}

function wrap(own: CreateConnection, agent: object, origins: Origins, protocol: string): CreateConnection {
  return (options, created) => {
    const origin = origins.at(originOf(protocol, options));
    if (origin.mode === 'off') return own.call(agent, options, created);
    let known: Duplex | undefined;
    // a user may both return the socket and hand it to the callback
    const lineOn = (socket: Duplex): Duplex => {
      const line =
        known ?? (socket instanceof Line ? socket : new Line(origin, givenDial(own, agent, options, socket), options));
      known = line;
      return line;
    };
    const returned = own.call(agent, options, (error, socket) => {
      if (error) created(error, socket);
      else created(null, lineOn(socket));
    });
    return returned ? lineOn(returned) : undefined;
  };
}

/** The first connection is the socket at hand; a later one is asked for in the same way. */
function givenDial(own: CreateConnection, agent: object, options: ConnectOptions, first: Duplex): Dial {
  let atHand: Duplex | undefined = first;
  return {
    kind: 'given',
    connect(done) {
      const socket = atHand ?? own.call(agent, options, done);
      atHand = undefined;
      if (socket) done(null, socket);
    },
  };
}
