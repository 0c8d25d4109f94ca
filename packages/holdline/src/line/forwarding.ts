import type { Duplex } from 'node:stream';

/** What a socket tells once, while it is made. */
const WHILE_MADE = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'secureConnect',
  'OCSPResponse',
];
/** What concerns every connection: a client that caches sessions or logs keys wants those of the later ones too. */
const OF_EACH = ['session', 'keylog'];

/**
 * Passes on what a client, an SDK or a tracing tool wants to hear of a real socket: of the first one all, so that one
 * Line looks like one connection, of later ones only what concerns each.
 */
export function forwardEvents(line: Duplex, socket: Duplex, isFirst: boolean, connected: () => void): void {
  const pass = (event: string) => socket.on(event, (...args: unknown[]) => line.emit(event, ...args));
  // a `keylog` listener switches key logging on
  for (const event of OF_EACH) if (event !== 'keylog' || line.listenerCount(event) > 0) pass(event);
  if (!isFirst) return;
  WHILE_MADE.forEach(pass);
  socket.once('connect', () => {
    connected();
    line.emit('connect');
    line.emit('ready');
  });
}
