import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { describeServer } from './describe-server.js';
import { answer } from './routes.js';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const secured = { key: fixture('server.key'), cert: fixture('server.crt') };

describeServer('node:https', () => ({ server: https.createServer(secured, answer) }), true);

describeServer(
  'node:http2 with allowHTTP1',
  () => ({
    server: http2.createSecureServer({ ...secured, allowHTTP1: true }, (request, response) =>
      answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    ),
  }),
  true,
);
