import type { Duplex } from 'node:stream';
import type { Dial } from '../line/connection.js';
import type { ConnectOptions } from '../line/dial.js';
import { Line } from '../line/line.js';

/** How Node's agents are told of a new socket that was not returned. */
export type Created = (error: Error | null, socket: Duplex) => void;

/** A `createConnection` as a user may write it: it returns the socket, or hands it to the callback. */
export type CreateConnection = (options: ConnectOptions, created: Created) => Duplex | null | undefined | void;

/**
 * Puts Lines on the sockets of a user's own `createConnection`, be it a subclass's method, assigned to the agent, or
 * patched into a prototype. Such a socket may be anything, so it gives no evidence. What already is a Line stays as it is.
 *
 * @param inherited - Holdline's own method, which needs no wrapping.
 * @param lineOn - Makes a Line that opens its connections in the given way.
 */
export function honourOwnCreateConnection(
  agent: { createConnection: unknown },
  inherited: unknown,
  lineOn: (options: ConnectOptions, dial: Dial) => Duplex | undefined,
): void {
  let assigned: CreateConnection | undefined;
  Object.defineProperty(agent, 'createConnection', {
    configurable: true,
    enumerable: false,
    get: () => {
      const own = assigned ?? Reflect.get(Object.getPrototypeOf(agent) as object, 'createConnection', agent);
      return own === inherited ? inherited : wrap(own as CreateConnection, agent, lineOn);
    },
    set: (own: CreateConnection) => {
      assigned = own;
    },
  });
}

function wrap(
  own: CreateConnection,
  agent: object,
  lineOn: (options: ConnectOptions, dial: Dial) => Duplex | undefined,
): CreateConnection {
  return (options, created) => {
    let known: Duplex | undefined;
    // a user may both return the socket and hand it to the callback
    const wrapped = (socket: Duplex): Duplex => {
      const line = known ?? (socket instanceof Line ? socket : lineOn(options, givenDial(own, agent, options, socket)));
      known = line ?? socket;
      return known;
    };
    const returned = own.call(agent, options, (error, socket) => {
      if (error) created(error, socket);
      else created(null, wrapped(socket));
    });
    return returned ? wrapped(returned) : undefined;
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
