// B in a process of its own: answers every request, and closes a connection that was idle for the given time (ms).
const net = require('node:net');

const idleLimitMs = Number(process.argv[2]);
const server = net.createServer((socket) => {
  socket.on('error', () => {});
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.on('data', (data) => {
    if (data.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
