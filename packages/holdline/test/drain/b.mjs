// B: a server that is ended while it is used. Gets its job and the word to end over IPC, and tells its port, which
// requests it executed, and what the end took.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { ends } from './ends.mjs';
import { BOUND_MS } from './trial.mjs';

const fixture = (name) => readFileSync(new URL(`../sockets/fixtures/${name}`, import.meta.url));

process.once('message', async (job) => {
  const executed = [];
  const answer = (request, response) => {
    executed.push(request.headers['x-id']);
    response.end('ok');
  };
  const secured = { key: fixture('server.key'), cert: fixture('server.crt') };
  const server = job.tls ? createSecureServer(secured, answer) : createServer(answer);
  server.keepAliveTimeout = job.hardening.keepAliveTimeoutMs;
  const end = ends[job.way](server, job);
  const listening = once(server, 'listening');
  if (end.listen) await end.listen();
  else server.listen(0, job.host, 1_024);
  await listening;
  process.once('message', async () => {
    const begunMs = performance.now();
    // close() may wait for ever, as long as clients go on using the connections that it has left
    const limit = setTimeout(() => server.closeAllConnections(), BOUND_MS);
    const report = await end();
    clearTimeout(limit);
    process.send({ report, executed, tookMs: performance.now() - begunMs }, () => process.disconnect());
  });
  process.send({ port: server.address().port });
});
