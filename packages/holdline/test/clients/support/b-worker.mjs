// B: a plain Node server. What a request asks for stands before the `~` of its id; what becomes of it is written to the
// ledger first. It hints at no limit, and closes an idle connection where its last request wants that, or when it is told.
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

const [directory, idleLimitMs, certificates] = process.argv.slice(2);
const ledger = openSync(`${directory}/ledger`, 'a');
const write = (...fields) => writeSync(ledger, `${fields.join('\t')}\n`);
/** By connection: the requests that it brought, and the timer that will close it. */
const served = new WeakMap();
const closings = new WeakMap();
/** Connections that no request holds. */
const idle = new Set();
/** The ports at A of connections on which nothing was answered yet. */
const unproven = new Set();
let underWay = 0;
/** Responses that have begun and are not yet with the kernel. */
let begun = 0;
let dying = false;
const SLOW_MS = 12;
/** More than the sockets between take at once. */
const LARGE_BYTES = 400_000;

/** How a request may fare; those that fail do so only on a connection that has served one before. */
const ways = {
  /** B has its bytes and dies before it acts on them. */
  unread: (request) => request.socket.destroy(),
  /** B acts on it and dies before it answers. */
  executed: (request, response) => execute(request, () => response.socket.destroy()),
  slow: (request, response) => execute(request, (id) => setTimeout(answer, SLOW_MS, response, id)),
  kept: (request, response) => execute(request, (id) => answer(response, id)),
  large: (request, response) => execute(request, (id) => answer(response, id, LARGE_BYTES)),
  /** B closes its connection when it was idle for the limit. */
  good(request, response) {
    const { socket } = request;
    response.on('finish', () =>
      closings.set(
        socket,
        setTimeout(() => socket.destroy(), Number(idleLimitMs)),
      ),
    );
    ways.kept(request, response);
  },
};

function handle(request, response) {
  const { socket } = request;
  const before = served.get(socket) ?? 0;
  served.set(socket, before + 1);
  clearTimeout(closings.get(socket));
  idle.delete(socket);
  underWay++;
  response.on('close', () => underWay--);
  response.on('finish', () => {
    unproven.delete(socket.remotePort);
    idle.add(socket);
  });
  write('attempt', idOf(request));
  const way = idOf(request).split('~')[0];
  const fails = way === 'unread' || way === 'executed';
  (ways[fails && before === 0 ? 'kept' : way] ?? ways.kept)(request, response);
}

/** SDKs that let nobody set a header have the id as the key, or as the last part of the path. */
function idOf({ headers, url }) {
  return headers['x-id'] ?? headers['idempotency-key'] ?? decodeURIComponent(url.split('/').pop());
}

function execute(request, done) {
  request.resume().on('end', () => {
    const id = idOf(request);
    const key = headersKey(request);
    write('executed', id, !key || isNew(key) ? 'effect' : 'known');
    done(id);
  });
}

function headersKey({ headers }) {
  return headers['idempotency-key'];
}

/** A directory for each key: the worker that follows knows them too. */
function isNew(key) {
  try {
    mkdirSync(`${directory}/${encodeURIComponent(key)}`);
    return true;
  } catch {
    return false;
  }
}

function answer(response, id, bytes = 0) {
  if (response.destroyed) return; // A has given it up
  if (dying && served.get(response.socket) > 1) return; // this is one of those over which it dies
  const body = JSON.stringify({ id, object: 'charge' }).padEnd(bytes);
  begun++;
  response.on('close', () => begun--);
  // a Connection header of our own keeps Node from adding its Keep-Alive hint, which would let A act in time
  response.writeHead(200, {
    connection: 'keep-alive',
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
}

const read = (name) => readFileSync(`${certificates}/${name}`);
const servers = [
  http.createServer(handle),
  https.createServer({ key: read('server.key'), cert: read('server.crt') }, handle),
];
for (const [server, event] of [
  [servers[0], 'connection'],
  [servers[1], 'secureConnection'],
]) {
  server.on('connection', (socket) => {
    const { remotePort } = socket;
    unproven.add(remotePort);
    socket.on('close', () => unproven.delete(remotePort));
  });
  server.on(event, (socket) => {
    write('opened', process.pid);
    socket.on('close', () => {
      idle.delete(socket);
      write('closed', process.pid);
    });
  });
  server.keepAliveTimeout = 0; // some Nodes add a second to it: B has a clock of its own
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1', tellPorts);
}

function tellPorts() {
  if (servers.every((server) => server.listening)) process.send(servers.map((server) => server.address().port));
}

process.on('message', (word) => {
  if (word === 'die') return dieWhenBusy();
  // the whole `http.Server.close` would also end its idle connections, politely
  for (const server of servers) net.Server.prototype.close.call(server);
  process.send('no more');
});

/**
 * Nothing is said to anybody: the kernel ends the connections. It happens over some requests, and none of them the first on
 * its connection, for a new connection that hangs up is no matter of idle time, nor in the midst of a response; or, where no
 * request comes any more, over none.
 */
function dieWhenBusy() {
  dying = true;
  if (unproven.size === 0 && begun === 0 && (underWay > 0 || idle.size === 0)) process.kill(process.pid, 'SIGKILL');
  setTimeout(dieWhenBusy, 1);
}

// A, whose event loop stands still then, can say it by a file
setInterval(() => {
  if (!existsSync(`${directory}/close`)) return;
  rmSync(`${directory}/close`);
  for (const socket of idle) socket.destroy();
}, 2);
