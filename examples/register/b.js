// B. What happens now and then in production happens here each time: it closes a connection at the very moment when the
// second request on it arrives, and does not execute that request.
import http from 'node:http';

const BODY = JSON.stringify({ object: 'list', data: [], has_more: false, version: { number: '8.19.1' } });
const served = new WeakSet();

const server = http.createServer((request, response) => {
  if (served.has(request.socket)) return request.socket.destroy();
  served.add(request.socket);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('X-Elastic-Product', 'Elasticsearch');
  response.end(BODY);
});

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
