// Methods of a server's sockets that tell when Node calls them: one of each for all sockets, where a listener would be one
// of each for every connection or response.
import type { Socket } from 'node:net';

type Tell = (socket: Socket) => void;

/**
 * Node calls `setTimeout` with the server's `keepAliveTimeout` once the last response of a connection is written, so it
 * tells of each one that becomes idle (`resOnFinish` in Node's `lib/_http_server.js`, on every line; not documented). A
 * listener for the `close` of each response costs more than all else that a hardened server does for a request.
 */
export function setTimeoutTelling(tell: Tell): Socket['setTimeout'] {
  return function setTimeout(this: Socket, ms, listener) {
    (Object.getPrototypeOf(this) as Socket).setTimeout.call(this, ms, listener);
    tell(this);
    return this;
  };
}

/** Node ends a connection by `destroySoon` after its last response. */
export function destroySoonBy(end: Tell): Socket['destroySoon'] {
  return function destroySoon(this: Socket) {
    end(this);
  };
}

/** Not a listener for `close`: Node has two there, and for a third the array of them grows by 160 bytes. */
export function destroyTelling(tell: Tell): Socket['_destroy'] {
  return function destroy(this: Socket, error, done) {
    (Object.getPrototypeOf(this) as Socket)._destroy.call(this, error, done);
    tell(this);
  };
}
