// A forward proxy: tunnels (`CONNECT`), and plain requests with the whole URL in their first line.
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [openFile] = process.argv.slice(2);
let open = 0;
const seen = { tunnels: 0, requests: 0 };

const server = http.createServer((request, response) => {
  seen.requests++;
  const onward = http.request(request.url, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => request.socket.destroy());
  request.pipe(onward);
});

server.on('connect', ({ url, headers }, socket) => {
  seen.tunnels++;
  if (headers['x-refuse']) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  const [host, port] = url.split(':');
  const onward = net.connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  for (const [from, to] of [
    [socket, onward],
    [onward, socket],
  ]) {
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  }
});

function note(change) {
  open += change;
  writeFileSync(openFile, `${open}`);
}

server.on('connection', (socket) => {
  note(1);
  socket.on('close', () => note(-1));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('message', () => process.send(seen));
process.on('disconnect', () => process.exit());
