import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { isHardened } from '../server/harden.js';
import { type Hardened, type HttpServer, harden } from '../server/index.js';
import type { ServerOptions } from './server-options.js';
import { Termination } from './termination.js';

/**
 * Hardens every server of HTTP that the program listens with from now on, and drains them at SIGTERM. Not those that the
 * program hardens itself by the turn in which they listen.
 */
export function hookServers({ drain, ...hardening }: ServerOptions): void {
  // signals come to the main thread alone
  const termination = drain === false || !isMainThread ? undefined : new Termination(drain ?? {});
  const known = new WeakMap<HttpServer, Hardened | undefined>();
  const listening = (server: HttpServer) => {
    if (!known.has(server)) known.set(server, isHardened(server) ? undefined : harden(server, hardening));
    const hardened = known.get(server);
    if (hardened) termination?.serves(server, hardened);
  };
  const followed = new WeakSet<net.Server>();
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
    if (speaksHttp(this) && !followed.has(this)) {
      followed.add(this);
      // before a connection can come, and after the program's turn
      this.prependListener('listening', () => listening(this));
    }
    return Reflect.apply(listen, this, args) as net.Server;
  };
}

/** Node does not show the classes of its HTTP/2 servers; they alone have this method. */
function speaksHttp(server: net.Server): server is net.Server & HttpServer {
  return server instanceof http.Server || server instanceof https.Server || 'updateSettings' in server;
}
