import { setTimeout as wait } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { describeServer } from '../sockets/server/describe-server.js';
import { SLOW_MS } from '../sockets/server/routes.js';

describeServer('Hono', () => {
  const app = new Hono();
  app.get('/ok', (context) => context.text('ok'));
  app.get('/keep', (context) => context.text('ok', 200, { Connection: 'keep-alive' }));
  app.get('/slow', async (context) => {
    await wait(SLOW_MS);
    return context.text('slow');
  });
  app.get('/stream', (context) =>
    stream(context, async (parts) => {
      await parts.write('one');
      await wait(SLOW_MS);
      await parts.write('two');
    }),
  );
  app.post('/refuse', (context) => context.text('too large', 413, { Connection: 'close' }));
  return { server: createAdaptorServer(app) };
});
