// B: a server that is ended while it is used. Gets its job and the word to end over IPC, and tells its port, which
// requests it executed, and what the end took.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { drain, harden } from 'holdline/server';

const fixture = (name) => readFileSync(new URL(`../sockets/fixtures/${name}`, import.meta.url));

/** The ways to end a server, the most careful first. */
const ends = {
  drain: (server, hardened) => drain({ servers: [hardened], noticeMs: 0 }),
  'close() and mark': (server, _, mark) => {
    mark();
    return closed(server);
  },
  'close()': (server) => closed(server),
};

function closed(server) {
  return new Promise((resolve) => server.close(() => resolve({})));
}

process.once('message', (job) => {
  const executed = [];
  let marking = false;
  const answer = (request, response) => {
    executed.push(request.headers['x-id']);
    if (marking) response.setHeader('Connection', 'close');
    response.end('ok');
  };
  const secured = { key: fixture('server.key'), cert: fixture('server.crt') };
  const server = job.tls ? createSecureServer(secured, answer) : createServer(answer);
  server.keepAliveTimeout = job.keepAliveTimeoutMs;
  const hardened =
    job.way === 'drain'
      ? harden(server, { keepAliveTimeoutMs: job.keepAliveTimeoutMs, clientIdleMs: job.clientIdleMs })
      : undefined;
  server.listen(0, job.host, 1_024, () => process.send({ port: server.address().port }));
  process.once('message', async () => {
    const begunMs = performance.now();
    const report = await ends[job.way](server, hardened, () => (marking = true));
    process.send({ report, executed, tookMs: performance.now() - begunMs }, () => process.disconnect());
  });
});
