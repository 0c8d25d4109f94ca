// Who asks the arms that are servers: sockets, and no HTTP client at all, so that it is quicker than any server.
import net from 'node:net';
import { percentiles } from './statistics.mjs';

/** The last byte of every answer, which comes in one piece. */
const LAST = 'k'.charCodeAt(0);
const REQUEST = Buffer.from('GET /orders/7 HTTP/1.1\r\nHost: b\r\nConnection: keep-alive\r\n\r\n');
const connections = [];
let opened = 0;

function connect(port) {
  opened++;
  const connection = { socket: net.connect({ port, host: '127.0.0.1', noDelay: true }), done: undefined };
  connection.socket.on('data', (chunk) => {
    if (chunk.at(-1) === LAST) connection.done();
  });
  connections.push(connection);
  return connection;
}

function askOn(connection, done) {
  connection.done = done;
  connection.socket.write(REQUEST);
}

/**
 * Each of as many callers as there are connections sends its next request as soon as it has its answer. This process never
 * sleeps meanwhile: waking it is work of the server's writes, and there would be the more of it the slower the server is.
 */
function loop({ port, concurrency, requests }) {
  const openedBefore = opened;
  while (connections.length < concurrency) connect(port);
  const latencies = new Float64Array(requests);
  let begun = 0;
  let done = 0;
  const stayAwake = () => done < requests && setImmediate(stayAwake);
  stayAwake();
  return new Promise((resolve) => {
    const next = (connection) => {
      if (begun === requests) return;
      begun++;
      const sentAt = performance.now();
      askOn(connection, () => {
        latencies[done++] = performance.now() - sentAt;
        if (done === requests) resolve({ opened: opened - openedBefore, ...percentiles(latencies) });
        else next(connection);
      });
    };
    for (const connection of connections) next(connection);
  });
}

/** Opens connections and uses each once. */
async function open({ port, open: count }) {
  const used = Array.from({ length: count }, () => new Promise((resolve) => askOn(connect(port), resolve)));
  await Promise.all(used);
  return {};
}

async function close() {
  for (const { socket } of connections.splice(0)) socket.destroy();
  return {};
}

process.on('message', async (what) => {
  const act = what.requests ? loop : what.open ? open : close;
  process.send(await act(what));
});
process.on('disconnect', () => process.exit());
