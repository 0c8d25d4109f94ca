// B on real sockets, with limits of some hundred ms: as good as those of a minute.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { judge, type ProbeOptions, probe, type Report } from '../../../src/probe/index.js';

const certificates = path.join(import.meta.dirname, '../../../../holdline/test/sockets/fixtures');
const own = path.join(import.meta.dirname, 'fixtures');

/** A certificate for localhost and 127.0.0.1, of an authority of the tests' own. */
export const trusted = certificate(certificates, 'server');
export const authority = readFileSync(path.join(certificates, 'ca.crt'), 'utf8');
/** One that has expired, and is its own authority. */
export const expired = certificate(own, 'expired');

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

function certificate(directory: string, name: string): Certificate {
  const [cert = '', key = ''] = ['crt', 'key'].map((suffix) =>
    readFileSync(path.join(directory, `${name}.${suffix}`), 'utf8'),
  );
  return { cert, key };
}

/** How B ends an idle connection. */
export type Close = (socket: Socket) => void;

export const closing = {
  /** Over TLS a close_notify goes before it. */
  byFin: (socket: Socket) => socket.end(),
  byReset: (socket: Socket) => socket.resetAndDestroy(),
  by408: (socket: Socket) =>
    socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
} as const;

export interface Answering {
  readonly limitMs?: number;
  readonly close?: Close;
  readonly tls?: Certificate;
  /** The whole response; default: 200 without a body. */
  readonly answer?: (request: string) => string;
  readonly path?: string;
}

/** Where a server listens. */
export interface Listening {
  readonly port: number;
  readonly server: Server;
}

/** A server that does with each connection what it is told; it and they end with the test. */
export async function listen(
  connected: (socket: Socket) => void,
  where: string | number = 0,
  tls?: Certificate,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    connected(socket);
  };
  const server = tls ? createTlsServer({ ...tls }, take) : createServer(take);
  server.on('tlsClientError', () => {});
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, port: typeof where === 'string' ? 0 : (server.address() as AddressInfo).port };
}

/** A server that answers, and closes what was idle for too long. */
export function answering({
  limitMs,
  close = closing.byFin,
  tls,
  answer = () => OK,
  path: where,
}: Answering): Promise<Listening> {
  return listen(
    (socket) => {
      let cancel = () => {};
      socket.on('data', (bytes: Buffer) => {
        cancel();
        socket.write(answer(bytes.toString('latin1')));
        if (limitMs === undefined) return;
        const timer = setTimeout(() => close(socket), limitMs);
        cancel = () => clearTimeout(timer);
      });
      socket.on('close', () => cancel());
    },
    where ?? 0,
    tls,
  );
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Probes one URL. */
export async function report(url: string, options: ProbeOptions = {}): Promise<Report> {
  for await (const event of probe([url], { maxWaitMs: 3_000, connections: 6, ...options })) {
    if (event.type === 'measured') return judge(event.observation);
  }
  throw new Error('nothing was measured');
}
