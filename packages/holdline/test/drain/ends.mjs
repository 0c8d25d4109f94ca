// The ways to end a server, drain() first. Each is prepared before the server listens, and returns what ends it.
import { createRequire } from 'node:module';
import { drain, harden } from 'holdline/server';

const require = createRequire(import.meta.url);

/** How long the other ways may take; they say after what time they cut. */
const AT_MOST_MS = 10_000;

export const ends = {
  drain: (server, { hardening, draining }) => {
    const hardened = harden(server, hardening);
    return () => drain({ servers: [hardened], ...draining });
  },
  'close()': (server) => () => closed((done) => server.close(done)),
  'close() and mark': (server) => {
    let marking = false;
    server.prependListener('request', (_, response) => {
      if (marking) response.setHeader('Connection', 'close');
    });
    return () => {
      marking = true;
      return closed((done) => server.close(done));
    };
  },
  stoppable: (server) => {
    require('stoppable')(server, AT_MOST_MS);
    return () => closed((done) => server.stop(done));
  },
  'http-terminator': (server) => {
    const { createHttpTerminator } = require('http-terminator');
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: AT_MOST_MS });
    return () => terminator.terminate();
  },
  'http-graceful-shutdown': (server) => {
    const shutdown = require('http-graceful-shutdown')(server, { timeout: AT_MOST_MS, forceExit: false, signals: '' });
    return () => shutdown();
  },
  "Fastify's close()": (server, { host }) => {
    const [answer] = server.listeners('request');
    const serverFactory = (handle) => server.removeAllListeners('request').on('request', handle);
    const app = require('fastify')({ serverFactory });
    app.get('/', (request, reply) => {
      reply.hijack();
      answer(request.raw, reply.raw);
    });
    return Object.assign(() => app.close(), { listen: () => app.listen({ port: 0, host, backlog: 1_024 }) });
  },
};

function closed(close) {
  return new Promise((resolve) => close(() => resolve(undefined)));
}
