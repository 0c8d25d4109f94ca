import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { monotonicMs } from '../clock.js';
import { type Ledger, openLedger } from './ledger.js';
import type { FromServer, ToServer } from './protocol.js';
import type { Kind, Step } from './workload.js';

// B, in a process of its own: one port for each arm, so that ledger and link know whose request it was.

type Listen = Extract<ToServer, { type: 'listen' }>;

const servers: Server[] = [];
let ledger: Ledger | undefined;

function tell(message: FromServer): void {
  process.send?.(message);
}

/** A plain Node HTTP server that executes what it is asked and answers. */
function ownServer(book: Ledger, arm: string, keepAliveTimeoutMs: number | undefined): Server {
  const server = createServer((request, response) => {
    readWhole(request, () => {
      execute(book, arm, request);
      answer(request, response);
    });
  });
  if (keepAliveTimeoutMs !== undefined) server.keepAliveTimeout = keepAliveTimeoutMs;
  return server;
}

/**
 * Somebody else's server: it says nothing of its idle limit, closes idle connections at any time, and now and then dies
 * after executing. It honours idempotency keys: for a key that it has seen it gives the stored answer.
 */
function foreignServer(book: Ledger, arm: string, plan: ReadonlyMap<string, Step>): Server {
  const keysSeen = new Set<string>();
  const crashed = new Set<string>();
  const closing = new WeakMap<Socket, NodeJS.Timeout>();
  const server = createServer((request, response) => {
    const { socket } = request;
    clearTimeout(closing.get(socket));
    readWhole(request, () => {
      const id = idOf(request);
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string' || !keysSeen.has(key)) execute(book, arm, request);
      if (typeof key === 'string') keysSeen.add(key);
      const { crash, closesAfterMs } = plan.get(id) ?? {};
      if (crash && !crashed.has(id)) {
        crashed.add(id);
        if (crash === 'fin') socket.destroy();
        else socket.resetAndDestroy();
        return;
      }
      if (closesAfterMs !== undefined) {
        response.once('finish', () =>
          closing.set(
            socket,
            setTimeout(() => socket.destroy(), closesAfterMs),
          ),
        );
      }
      answer(request, response);
    });
  });
  server.keepAliveTimeout = 0; // no limit of its own, and no Keep-Alive header
  return server;
}

function readWhole(request: IncomingMessage, then: () => void): void {
  request.on('end', then).resume();
}

/** Written down before it is answered: what A has an answer to, the ledger holds. */
function execute(book: Ledger, arm: string, request: IncomingMessage): void {
  book.append({ event: 'executed', arm, atMs: monotonicMs(), id: idOf(request), kind: kindOf(request) });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ id: idOf(request), done: true }));
}

function idOf(request: IncomingMessage): string {
  return String(request.headers['x-request-id']);
}

function kindOf(request: IncomingMessage): Kind {
  if (request.method === 'GET') return 'GET';
  return request.headers['idempotency-key'] === undefined ? 'POST' : 'keyed POST';
}

async function listen(message: Listen): Promise<void> {
  const book = openLedger(message.ledgerPath);
  ledger = book;
  const plan = new Map(message.workload.flatMap(({ steps }) => steps.map((step) => [step.id, step] as const)));
  const ports: Record<string, number> = {};
  for (const arm of message.arms) {
    const server =
      message.half === 'own' ? ownServer(book, arm, message.keepAliveTimeoutMs) : foreignServer(book, arm, plan);
    server.on('connection', () => book.append({ event: 'connected', arm, atMs: monotonicMs() }));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, message.host, resolve));
    ports[arm] = (server.address() as AddressInfo).port;
  }
  tell({ type: 'listening', ports });
}

function stop(): void {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  ledger?.close();
  process.send?.({ type: 'stopped' } satisfies FromServer, () => process.disconnect());
}

process.on('message', (message: ToServer) => {
  if (message.type === 'listen') void listen(message);
  else stop();
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {}); // Ctrl-C ends the demo, and the demo ends its processes
