// A server that is drained by a signal. It tells its port; `argv[2]` are the options of drain().
import http from 'node:http';
import { drain, harden } from 'holdline/server';

const server = http.createServer((request, response) => {
  if (request.url !== '/never') response.end('ok');
});
harden(server, { keepAliveTimeoutMs: 400, keepAliveBufferMs: 200, clientIdleMs: 300 });
void drain({
  onSignal: ['SIGTERM'],
  noticeMs: 0,
  log: (line) => process.stdout.write(`${line}\n`),
  ...JSON.parse(process.argv[2]),
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
