// B: a server with a fault for each case, in a thread of its own, so that it goes on while A's event loop stands still. Each
// cell has a port of its own, and so a ledger, and pools, that no other cell touches.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { parentPort } from 'node:worker_threads';
import { ways } from './ways.mjs';

const fixtures = new URL('../sockets/fixtures/', import.meta.url);
const [key, cert] = ['server.key', 'server.crt'].map((name) => readFileSync(new URL(name, fixtures)));
const IDLE_408 = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';
/** What is open, by its port. */
const grounds = new Map();

const orders = {
  async open({ scheme }) {
    // an idle connection ends when a case says so, and only then
    const options = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    const server = scheme === 'https' ? https.createServer({ ...options, key, cert }) : http.createServer(options);
    const ground = { server, raw: new Map(), connections: new Map(), entries: [] };
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      ground.raw.set(socket.remotePort, socket);
    });
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket) => {
      socket.on('error', () => {});
      ground.connections.set(socket, { index: ground.connections.size, served: 0, idle: false });
    });
    server.on('request', (request, response) => handle(ground, request, response));
    server.on('checkContinue', (request, response) => handle(ground, request, response));
    server.on('upgrade', (request, socket) => handle(ground, request, undefined, socket));
    server.on('connect', (request, socket) => handle(ground, request, undefined, socket));
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    ground.port = server.address().port;
    grounds.set(ground.port, ground);
    return ground.port;
  },

  /** Which requests came, on which connection, and what became of them. */
  ledger: ({ port }) => grounds.get(port).entries,

  /** Ends the idle connections; `flag` is told when the kernel has been. */
  async closeIdle({ port, how, flag }) {
    const ground = grounds.get(port);
    const unheld = [...ground.connections].filter(([socket, { idle }]) => idle && !socket.destroyed);
    await Promise.all(unheld.map(([socket]) => end(ground, socket, how)));
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  },

  shut({ port }) {
    const { server, raw } = grounds.get(port);
    grounds.delete(port);
    server.close();
    for (const socket of raw.values()) socket.destroy();
  },
};

parentPort.on('message', async ({ id, order, round, ...rest }) => {
  if (round !== undefined) {
    waiting.get(round)();
    waiting.delete(round);
    return;
  }
  parentPort.postMessage({ id, answer: await orders[order](rest) });
});

/** By number: who waits for A's event loop to have gone round. */
const waiting = new Map();
let rounds = 0;

/** When A's event loop has taken all that was sent to it until now. */
function heard() {
  const round = rounds++;
  parentPort.postMessage({ round });
  return new Promise((resolve) => waiting.set(round, resolve));
}

function handle(ground, request, response, tunnel) {
  const { socket } = request;
  const connection = ground.connections.get(socket);
  const url = new URL(request.method === 'CONNECT' ? '/tunnel' : request.url, 'http://b');
  const entry = {
    connection: connection.index,
    nth: connection.served++,
    request: `${request.method} ${request.url}`,
    head: headOf(request),
    executions: 0,
  };
  ground.entries.push(entry);
  connection.idle = false;
  const tell = (event) => parentPort.postMessage({ port: ground.port, event });
  response?.on('finish', () => {
    connection.idle = true;
    tell('answered');
  });
  tell('head');
  const asked = Object.fromEntries(url.searchParams);
  ways[url.pathname.slice(1)]({
    request,
    response,
    tunnel,
    asked,
    tell,
    heard,
    isReused: entry.nth > 0,
    end: (how) => end(ground, socket, how),
    execute: () => execute(request, entry, tell),
  });
}

/** Reads the request's body, and acts on it. */
function execute(request, entry, tell) {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk) => {
      if (bytes === 0) tell('body');
      bytes += chunk.length;
      hash.update(chunk);
    });
    request.on('error', () => {});
    request.on('end', async () => {
      entry.executions++;
      entry.body = { bytes, sha: hash.digest('hex').slice(0, 12) };
      // A knows by then that it has written its request: an answer that comes at once would race with that
      await heard();
      resolve(entry.body);
    });
  });
}

/** The framing as it is, and the other headers by name: some hold a time or a random id. */
function headOf({ headers, rawHeaders }) {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const framing = ['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade'];
  return names.map((name) => (framing.includes(name) ? `${name}: ${headers[name]}` : name)).join('\n');
}

function end(ground, socket, how) {
  const raw = ground.raw.get(socket.remotePort);
  return new Promise((resolve) => {
    socket.once('close', () => setImmediate(resolve));
    if (how === 'rst') {
      if (raw !== socket) socket.once('error', () => {});
      raw.resetAndDestroy();
    } else if (how === '408') socket.end(IDLE_408, () => socket.destroy());
    else socket.destroy();
  });
}
