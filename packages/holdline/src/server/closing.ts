import type { Socket } from 'node:net';
import type { Connection } from './connection.js';

/**
 * Looks whether a request has come for an idle connection, which may wait in the kernel: a timer that is late runs before
 * what has arrived meanwhile is read. Two turns of the event loop later all of it has been.
 */
export function look(connection: Connection, then: (hasNews: boolean) => void): void {
  const { bytesWhenIdle, socket } = connection;
  connection.phase = 'looking';
  setImmediate(() =>
    setImmediate(() => {
      if (connection.phase !== 'looking' || socket.destroyed) return;
      connection.phase = 'open';
      // As it was at the start: the request may have been answered already.
      then(socket.bytesRead !== bytesWhenIdle);
    }),
  );
}

/**
 * Sends a FIN after all that was written, and then reads what still comes, for a while, and throws it away (RFC 9112
 * §9.6). Closing a socket with unread bytes sends a RST instead, at which the client's kernel throws away the response
 * that has arrived but was not read yet.
 */
export function linger(socket: Socket, lingerMs: number): void {
  const peerHasEnded = socket.readableEnded;
  // A further request must not be executed, for its response could not be sent: what comes no longer meets the parser.
  // Node's own listener for `end` would take the rest for a malformed request.
  socket.removeAllListeners('data');
  socket.removeAllListeners('end');
  socket.on('data', () => {});
  socket.once('end', () => socket.destroy());
  socket.setTimeout(0);
  let timer: NodeJS.Timeout | undefined;
  const finished = () => {
    if (peerHasEnded || lingerMs === 0) socket.destroy();
    // The peer has all that we sent, or the kernel goes on sending it.
    else timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  };
  socket.once('close', () => clearTimeout(timer));
  if (socket.writableFinished) finished();
  else socket.once('finish', finished);
  if (socket.writable) socket.end();
  socket.resume();
}
