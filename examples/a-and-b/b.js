// Service B: answers orders.
import http from 'node:http';
import { IDLE_LIMIT_MS, REQUEST_TIMEOUT_MS } from './timeouts.js';

const server = http.createServer((request, response) => {
  request.resume().on('end', () => response.end('taken'));
});
server.keepAliveTimeout = IDLE_LIMIT_MS;
server.requestTimeout = REQUEST_TIMEOUT_MS;
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
