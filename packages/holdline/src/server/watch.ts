import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import tls from 'node:tls';

/** A server of `node:http`, `node:https` or `node:http2`. */
export type HttpServer = Server | Http2Server | Http2SecureServer;

/** What is seen of a server before its own listeners see it. */
export interface Watcher {
  /** Counts the connections. */
  accepted: number;
  /** A connection whose bytes are encrypted comes first; `opened` follows once they are readable. */
  handshaking(socket: Socket): void;
  opened(socket: Socket): void;
  requested(request: IncomingMessage, response: ServerResponse): void;
  upgraded(socket: Socket): void;
  session(session: ServerHttp2Session): void;
  /** Returns whether it is dealt with. */
  timedOut(socket: Socket): boolean;
  /** Returns whether it is dealt with. */
  failed(error: Error, socket: Socket): boolean;
}

type Emit = (...args: unknown[]) => boolean;

/**
 * Shows the server's events to the watcher before anybody else gets them. Not by listeners: Node behaves otherwise as
 * soon as there is one for `upgrade`, `checkContinue` or `clientError`, and one for `request` would see a request after
 * it was answered by a framework that was there first.
 */
export function watch(server: HttpServer, watcher: Watcher): void {
  const secure = server instanceof tls.Server;
  const own = Object.hasOwn(server, 'emit') ? (server.emit as Emit) : undefined;
  const emit: Emit = (...args) => {
    // handed on as they are: another array for each request would be seen in what a server costs
    const event = args[0];
    const first = args[1];
    const second = args[2];
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        watcher.requested(first as IncomingMessage, second as ServerResponse);
        break;
      case 'connection':
        watcher.accepted++;
        if (secure) watcher.handshaking(first as Socket);
        else watcher.opened(first as Socket);
        break;
      case 'secureConnection':
        watcher.opened(first as Socket);
        break;
      case 'upgrade':
      case 'connect':
        watcher.upgraded((first as IncomingMessage).socket);
        break;
      case 'session':
        watcher.session(first as ServerHttp2Session);
        break;
      case 'timeout':
        if (watcher.timedOut(first as Socket)) return true;
        break;
      case 'clientError':
        if (watcher.failed(first as Error, second as Socket)) return true;
        break;
    }
    // looked up now, for tracing tools put theirs into the prototype
    return (own ?? (Object.getPrototypeOf(server) as { emit: Emit }).emit).apply(server, args);
  };
  (server as { emit: Emit }).emit = emit;
}
