import http from 'node:http';
import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import Koa from 'koa';
import { describeServer } from '../sockets/server/describe-server.js';
import { SLOW_MS } from '../sockets/server/routes.js';

describeServer('Koa', () => {
  const app = new Koa();
  app.use(async (context) => {
    if (context.path === '/keep') context.set('Connection', 'keep-alive');
    if (context.path === '/slow') await wait(SLOW_MS);
    if (context.path === '/refuse') {
      context.set('Connection', 'close');
      context.status = 413;
      context.body = 'too large';
    } else if (context.path === '/stream') {
      const parts = new PassThrough();
      parts.write('one');
      setTimeout(() => parts.end('two'), SLOW_MS);
      context.body = parts;
    } else context.body = context.path === '/slow' ? 'slow' : 'ok';
  });
  return { server: http.createServer(app.callback()) };
});
