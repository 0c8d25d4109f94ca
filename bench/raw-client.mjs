// The limit: sockets, and no HTTP client at all. A request's bytes are at hand, and of the answer only the length is looked
// at. What a client costs beyond this it costs by being one.
import net from 'node:net';
import { ANSWER, BODY } from './messages.mjs';

/** The client of the arm `raw`; see clients.mjs. It has no lanes, and recovers nothing. */
export function clientOf({ port, method }) {
  const idle = [];
  let opened = 0;

  const open = () => {
    opened++;
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const connection = { socket, received: 0, done: undefined };
    socket.on('data', ({ length }) => {
      connection.received += length;
      if (connection.received < ANSWER.length) return;
      connection.received = 0;
      idle.push(connection);
      connection.done();
    });
    return connection;
  };

  const sender = ({ path = '/orders/7' } = {}) => {
    const bytes = requestBytes(method, path, port);
    return (done) => {
      const connection = idle.pop() ?? open();
      connection.done = done;
      connection.socket.write(bytes);
    };
  };
  return { sender, opened: () => opened };
}

function requestBytes(method, path, port) {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: keep-alive\r\n`;
  if (method === 'GET') return Buffer.from(`${head}\r\n`);
  const entity = `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head + entity), BODY]);
}
