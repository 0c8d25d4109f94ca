import type { ServerTimeouts } from '../policy/server-timeouts.js';

/** What a hardened server has done so far; connections and requests of HTTP/1.1, and of HTTP/2 the open sessions. */
export interface ServerCounts {
  /** Connections that are open, and of them those that no request holds. */
  readonly open: number;
  readonly idle: number;
  readonly requests: number;
  /** Idle connections that were kept though their time was over, for a request had come. */
  readonly lateRequestsSaved: number;
  /** Connections whose last response was given the time to arrive. */
  readonly lingered: number;
  /** Idle connections that `maxIdleConnections` closed, and of them those whose promised time was not over. */
  readonly flooded: number;
  readonly promisesBroken: number;
}

/** A server that `harden` has hardened. */
export interface Hardened {
  /** Its timeouts as they are now, in ms. */
  readonly timeouts: ServerTimeouts;
  /** The idle time after which it closes a connection, in ms: promised time and buffer. */
  readonly idleLimitMs: number;
  /**
   * Whether it wants new connections: `false` from the moment that a drain begins. What a readiness endpoint answers.
   *
   * @example
   * import http from 'node:http';
   * import { harden } from 'holdline/server';
   *
   * const server = http.createServer((request, response) => {
   *   if (request.url === '/readyz') response.statusCode = hardened.ready ? 200 : 503;
   *   response.end();
   * });
   * const hardened = harden(server, { behind: 'nginx' });
   */
  readonly ready: boolean;
  /** What it has done so far. */
  counts(): ServerCounts;
}
