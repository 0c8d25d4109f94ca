import http from 'node:http';
import express from 'express';
import { describeServer } from '../sockets/server/describe-server.js';
import { SLOW_MS } from '../sockets/server/routes.js';

describeServer('Express', () => {
  const app = express();
  app.get('/ok', (_, response) => void response.send('ok'));
  app.get('/keep', (_, response) => void response.set('Connection', 'keep-alive').send('ok'));
  app.get('/slow', (_, response) => void setTimeout(() => response.send('slow'), SLOW_MS));
  app.get('/stream', (_, response) => {
    response.write('one');
    setTimeout(() => response.end('two'), SLOW_MS);
  });
  app.post('/refuse', (_, response) => void response.status(413).set('Connection', 'close').send('too large'));
  return { server: http.createServer(app) };
});
