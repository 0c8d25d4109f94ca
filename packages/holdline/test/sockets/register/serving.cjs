// A program that serves and knows nothing of Holdline, but for the way in which it says so. It tells its port, and what its
// own listener for SIGTERM saw.
const http = require('node:http');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , way, end] = process.argv;
const fixture = (name) => readFileSync(join(__dirname, '../fixtures', name));
const secured = () => ({ key: fixture('server.key'), cert: fixture('server.crt') });
const answer = (request, response) => {
  if (request.url !== '/never') response.end('ok');
};

const servers = {
  http: () => http.createServer(answer),
  https: () => require('node:https').createServer(secured(), answer),
  http2: () => require('node:http2').createSecureServer({ ...secured(), allowHTTP1: true }, answer),
  'hardened by itself': () => {
    const server = http.createServer(answer);
    // in the same turn, though later
    process.nextTick(() => require('holdline/server').harden(server, { keepAliveTimeoutMs: 9_000 }));
    return server;
  },
};

const server = servers[way]();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
if (end === 'closes') {
  process.on('SIGTERM', (signal) => {
    server.close((error) => {
      console.log(signal, error ?? 'closed');
      process.exit(3);
    });
  });
}
