// B behind a proxy: listens on a port of its own until SIGTERM, then ends in the way that it was told.
//   node rolling-b.mjs PORT WAY OPTIONS
import { createServer } from 'node:http';
import { drain, harden } from 'holdline/server';

const [, , port, way, json] = process.argv;
const { noticeMs, ...options } = JSON.parse(json);
let ready = () => true;

const server = createServer((request, response) => {
  if (request.url === '/readyz') {
    response.statusCode = ready() ? 200 : 503;
    response.end();
  } else request.resume().on('end', () => setTimeout(() => response.end('ok'), Math.random() * 20));
});
server.keepAliveTimeout = options.keepAliveTimeoutMs;
if (way === 'drain') {
  const hardened = harden(server, options);
  ready = () => hardened.ready;
  const report = drain({ onSignal: ['SIGTERM'], noticeMs, exit: false });
  process.once('SIGTERM', async () => process.exit((await report).exitCode));
} else {
  process.once('SIGTERM', () => {
    ready = () => false;
    setTimeout(() => server.close(() => process.exit()), noticeMs);
  });
}
server.listen(Number(port), '127.0.0.1', 1_024, () => process.send('listening'));
