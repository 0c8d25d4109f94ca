import type { Server as NetServer } from 'node:net';
import { inspect } from 'node:util';
import type { Hardened } from './hardened.js';
import { HardenedServer } from './hardened-server.js';
import { type HardenOptions, settleHarden } from './options.js';
import type { HttpServer } from './watch.js';

/** The servers of this process that were hardened and are not closed, for a drain that names none. */
export const hardenedServers = new Set<HardenedServer>();

const known = new WeakMap<object, HardenedServer>();

/**
 * Keeps a server from resetting requests:
 *
 * - Its timeouts are put into an order that cannot race, from what it stands `behind` or its clients' idle time.
 * - An idle connection is closed only after the time that clients were promised and a buffer, and not if a request has
 *   arrived meanwhile; then by FIN, not by RST.
 * - After a last response it reads on for a while (`lingerMs`), so that the response arrives although the client was
 *   still sending.
 * - A connection that a proxy has opened and not used yet is never sent a 408 that nobody asked for.
 * - It tells the truth in the `Keep-Alive` header, and to Holdline's clients to the millisecond.
 *
 * Works on the servers of `node:http`, `node:https` and `node:http2`, so on those of Express, Fastify, Koa, NestJS and
 * Hono too: pass the server that the framework gives you. Call it once, before the server listens or soon after; a
 * connection that was opened before is left to Node.
 *
 * Gotchas: a listener for the server's `timeout` event is not called for idle connections any more. What is set on the
 * server later (`server.keepAliveTimeout = …`) is not checked.
 *
 * @throws TypeError if it is no server, was hardened before, or an option is not allowed; and with both numbers, if two
 * timeouts contradict each other.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 *
 * @example
 * import http from 'node:http';
 * import { harden } from 'holdline/server';
 *
 * const server = http.createServer((request, response) => response.end('ok'));
 * harden(server, { behind: 'aws-alb' });
 */
export function harden(server: HttpServer, options: HardenOptions = {}): Hardened {
  if (!isServer(server)) {
    throw new TypeError(
      `Holdline: server is ${inspect(server, { depth: 0 })}; expected a server of node:http, node:https or node:http2: pass what the framework listens with.`,
    );
  }
  if (isHardened(server)) {
    throw new TypeError(
      'Holdline: this server was hardened before; harden it once, with all options, and where HOLDLINE_BEHIND is set at the latest in the turn in which it listens.',
    );
  }
  const { keepAliveTimeout = 0, headersTimeout = 0, requestTimeout = 0 } = server as Partial<NodeTimeouts>;
  const settings = settleHarden(options, {
    keepAliveTimeoutMs: keepAliveTimeout,
    headersTimeoutMs: headersTimeout,
    requestTimeoutMs: requestTimeout,
  });
  const hardened = new HardenedServer(server, settings);
  known.set(server, hardened);
  hardenedServers.add(hardened);
  server.once('close', () => hardenedServers.delete(hardened));
  return hardened;
}

/** Whether somebody has hardened this server. */
export function isHardened(server: HttpServer): boolean {
  return known.has(server);
}

interface NodeTimeouts {
  keepAliveTimeout: number;
  headersTimeout: number;
  requestTimeout: number;
}

function isServer(value: unknown): value is HttpServer {
  const server = value as Partial<NetServer> | null | undefined;
  return (
    typeof server?.listen === 'function' && typeof server.emit === 'function' && typeof server.close === 'function'
  );
}
