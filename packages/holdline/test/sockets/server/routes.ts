import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hardened, HttpServer } from '../../../src/server/index.js';

/**
 * What every server of the suite answers, in the way of its framework:
 *
 * | route | does |
 * |---|---|
 * | `GET /ok` | answers `ok` |
 * | `GET /keep` | answers `ok`, and insists on `Connection: keep-alive` |
 * | `GET /slow` | answers `slow` after {@link SLOW_MS} |
 * | `POST /refuse` | answers 413 with `Connection: close`, and does not read the body |
 * | `GET /stream` | answers `one`, and after {@link SLOW_MS} `two`, of no stated length |
 */
export interface Made {
  readonly server: HttpServer;
  /** Where frameworks listen by a method of their own; `server.listen` otherwise. */
  listen?(): Promise<unknown>;
  /** What the framework does when it is closed after a drain. */
  close?(): Promise<unknown>;
}

export const SLOW_MS = 300;

/** The routes with nothing but Node. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  switch (request.url) {
    case '/keep':
      response.writeHead(200, { Connection: 'keep-alive', 'Content-Length': 2 });
      response.end('ok');
      break;
    case '/slow':
      setTimeout(() => response.end('slow'), SLOW_MS);
      break;
    case '/refuse':
      response.writeHead(413, { Connection: 'close', 'Content-Length': 9 });
      response.end('too large');
      break;
    case '/stream':
      response.write('one');
      setTimeout(() => response.end('two'), SLOW_MS);
      break;
    default:
      response.end('ok');
  }
}

/** A server of the suite that listens. */
export interface Started {
  readonly made: Made;
  readonly hardened: Hardened;
  readonly port: number;
}
