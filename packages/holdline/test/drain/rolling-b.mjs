// B behind a proxy: listens on a port of its own until SIGTERM, then ends in the way that it was told. It says when it listens,
// and when it was first used.
//   node rolling-b.mjs PORT WAY JOB
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ends } from './ends.mjs';

const [, , port, way, json] = process.argv;
const job = JSON.parse(json);
/** As long as drain() takes at most. Most programs have such a limit, for close() may wait for ever. */
const LIMIT_MS = 2_500;
let ready = true;
let used = false;

const server = createServer((request, response) => {
  if (request.url === '/readyz') {
    response.statusCode = ready ? 200 : 503;
    response.end();
    return;
  }
  if (!used) process.send('used');
  used = true;
  request.resume().on('end', () => setTimeout(() => response.end('ok'), Math.random() * 20));
});
server.keepAliveTimeout = job.hardening.keepAliveTimeoutMs;
const end = ends[way](server, job);
process.once('SIGTERM', async () => {
  ready = false;
  setTimeout(() => process.exit(1), LIMIT_MS);
  if (way !== 'drain') await sleep(job.draining.noticeMs); // they have no such time of their own
  const report = await end();
  process.exit(report?.exitCode ?? 0);
});
server.listen(Number(port), '127.0.0.1', 1_024, () => process.send('listening'));
