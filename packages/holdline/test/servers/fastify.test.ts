import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { describeServer } from '../sockets/server/describe-server.js';
import { SLOW_MS } from '../sockets/server/routes.js';

describeServer('Fastify', () => {
  // 72 s is Fastify's default, above the suite's limit
  const app = fastify({ keepAliveTimeout: 100 });
  app.get('/ok', () => 'ok');
  app.get('/keep', (_, reply) => reply.header('Connection', 'keep-alive').send('ok'));
  app.get('/slow', async () => {
    await wait(SLOW_MS);
    return 'slow';
  });
  app.get('/stream', (_, reply) => {
    async function* parts() {
      yield 'one';
      await wait(SLOW_MS);
      yield 'two';
    }
    return reply.send(Readable.from(parts()));
  });
  app.addContentTypeParser('*', (_, _body, done) => done(null));
  app.post('/refuse', (_, reply) => reply.code(413).header('Connection', 'close').send('too large'));
  return {
    server: app.server,
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
    close: () => app.close(),
  };
});
