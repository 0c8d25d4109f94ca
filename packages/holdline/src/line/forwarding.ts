import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** What a socket tells once, while it is made. */
const WHILE_MADE = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'secureConnect',
  'OCSPResponse',
];

/**
 * Passes on what a client, an SDK or a tracing tool wants to hear of a real socket: of the first one all, so that one
 * Line looks like one connection; of later ones their sessions and keys, for clients that cache the ones and log the others.
 */
export function forwardEvents(line: Duplex & { socketConnected(): void }, socket: Duplex, isFirst: boolean): void {
  const pass = (event: string) => {
    const listener = (...args: unknown[]) => void line.emit(event, ...args);
    socket.on(event, listener);
    return () => void socket.off(event, listener);
  };
  const isTls = 'encrypted' in socket;
  if (isTls) pass('session');
  if (isTls && line.listenerCount('keylog') > 0) pass('keylog'); // a listener switches key logging on
  // what will never come is not waited for: it would be kept for as long as the connection
  const { connecting, secureConnecting = connecting } = socket as Partial<TLSSocket & { secureConnecting: boolean }>;
  if (isFirst && connecting !== false) {
    socket.once('connect', () => {
      line.socketConnected();
      line.emit('connect');
      line.emit('ready');
    });
  }
  if (isFirst && secureConnecting !== false) passWhileMade(socket, isTls ? 'secureConnect' : 'connect', pass);
}

function passWhileMade(socket: Duplex, made: string, pass: (event: string) => () => void): void {
  const stops = WHILE_MADE.map(pass);
  socket.once(made, () => {
    for (const stop of stops) stop();
  });
}
