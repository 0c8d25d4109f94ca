// B that executes a POST and then dies over it, in the way that the request (x-way) or the command line names.
// It speaks just enough HTTP, on bare sockets, to decide to the byte when it acts.
import cluster from 'node:cluster';
import { openSync, readFileSync, writeSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const [ledgerPath, listenOn, defaultWay, idleLimitMs, pem = ''] = process.argv.slice(2);
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const ledger = openSync(ledgerPath, 'a');

/** Each way gets the socket that speaks HTTP and the TCP socket under it (the same one without TLS). */
const ways = {
  destroy: (socket) => socket.destroy(),
  reset: (_socket, raw) => raw.resetAndDestroy(),
  'half-close': (socket) => socket.end(),
  // the RST may reach A with the FIN, or while A is looking for what the FIN means
  'fin-reset': (socket, raw) => socket.end(() => setTimeout(() => raw.resetAndDestroy(), Math.random() * 5)),
  later: (socket) => setTimeout(() => socket.destroy(), 30),
  head: (socket) => socket.destroy(),
  exit: () => process.exit(0),
  kill: () => process.kill(process.pid, 'SIGKILL'),
};

function serve(socket, raw) {
  let head = '';
  let bodyLeft = 0;
  let request;
  socket.on('timeout', () => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    let body = chunk.length;
    if (!request) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      request = read(head.slice(0, end));
      bodyLeft = request.bodyBytes;
      body = head.length - end - 4;
      head = '';
      if (request.way === 'head') return execute();
    }
    bodyLeft -= body;
    if (bodyLeft <= 0) execute();
  });

  function execute() {
    const { id, way } = request;
    request = undefined;
    if (!id) return socket.setTimeout(Number(idleLimitMs)).write(ok);
    socket.removeAllListeners('data').on('data', () => {}); // acted: whatever else comes is read and dropped
    socket.setTimeout(0);
    writeSync(ledger, `${id}\t\t1\n`);
    ways[way](socket, raw);
  }
}

function read(text) {
  const header = (name) => new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(text)?.[1];
  return { id: header('x-id'), way: header('x-way') ?? defaultWay, bodyBytes: Number(header('content-length') ?? 0) };
}

function listen() {
  // resetAndDestroy belongs to TCP, so the TCP socket is made here and TLS is laid over it
  const secure = pem && tls.createSecureContext({ key: readFileSync(pem), cert: readFileSync(pem) });
  const server = net.createServer({ allowHalfOpen: true }, (raw) => {
    raw.on('error', () => {});
    const socket = secure
      ? new tls.TLSSocket(raw, { isServer: true, secureContext: secure, allowHalfOpen: true })
      : raw;
    serve(socket, raw);
    socket.on('end', () => socket.destroy()); // A has gone: with allowHalfOpen, nobody else closes our side
  });
  const [host, port] = listenOn.split(':');
  server.listen(port ? { host, port: Number(port), backlog: 4096 } : { path: host });
}

if (defaultWay !== 'exit' && defaultWay !== 'kill') {
  listen();
} else if (cluster.isPrimary) {
  // The listening socket outlives a worker, so a request that is sent again does find a server.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  for (let worker = 0; worker < 8; worker++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  listen();
}
