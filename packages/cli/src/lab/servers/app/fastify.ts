import fastify from 'fastify';
import { openExecutor } from './executor.js';
import { serve, setIdleLimit } from './serving.js';
import { readSettings } from './settings.js';

// B as a Fastify server, in a process of its own.

const settings = readSettings();
const executor = openExecutor(settings);
await serve(settings, executor, async (client) => {
  const app = fastify();
  // Bodies are read by whoever executes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.all('/*', (request, reply) => {
    reply.hijack();
    executor.handle(client, request.raw, reply.raw);
  });
  await app.ready();
  setIdleLimit(app.server, settings.idleLimitMs);
  return app.server;
});
