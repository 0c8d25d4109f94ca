// B as people write it: a plain Node HTTP server. Each execution goes into the ledger before it is answered.
// Also the upstream behind nginx, HAProxy and Apache, where it alone judges what was executed.
import { appendFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [ledgerPath, address, ports, keepAliveMs, pem = '', hardening = ''] = process.argv.slice(2);
/** Where the build of the runtime is, if this B is to be hardened by it. */
const { harden } = hardening ? await import(`${hardening}/server/index.js`) : {};
const ledger = openSync(ledgerPath, 'a');
const effects = new Set();

function answer(request, response) {
  request.resume();
  request.on('end', () => {
    const id = request.headers['x-id'];
    if (id) {
      const key = request.headers['idempotency-key'] ?? '';
      const effect = !key || !effects.has(key);
      if (key) effects.add(key);
      writeSync(ledger, `${id}\t${key}\t${effect ? 1 : 0}\n`);
    }
    // A Connection header of our own keeps Node from adding its Keep-Alive hint, which would let A act in time.
    response.writeHead(200, {
      connection: request.httpVersion === '1.0' ? 'close' : 'keep-alive',
      'content-length': 2,
    });
    response.end('ok');
  });
}

for (const port of ports.split(',')) {
  const tls = pem && { key: readFileSync(pem), cert: readFileSync(pem) };
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  server.keepAliveTimeout = Number(keepAliveMs);
  harden?.(server, { keepAliveTimeoutMs: Number(keepAliveMs) });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('error', (error) => {
    appendFileSync(2, `${error.stack}\n`);
    process.exit(1);
  });
  server.listen({ port: Number(port), host: address, backlog: 4096 });
}
