import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { HttpsAgent, type HttpsAgentOptions } from '../../src/index.js';
import { failureOf, listen, wait } from './support.js';

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, 'fixtures', name));
const ca = fixture('ca.crt');

async function serveTls(options: https.ServerOptions = {}, executed: string[] = []) {
  const server = https.createServer(
    { key: fixture('server.key'), cert: fixture('server.crt'), keepAliveTimeout: 0, ...options },
    (request, response) => {
      executed.push(request.method ?? '');
      const socket = request.socket as TLSSocket;
      if (request.url === '/dies') return void socket.destroy();
      response.end(
        JSON.stringify({
          servername: socket.servername,
          client: socket.getPeerCertificate().subject?.CN,
          resumed: socket.isSessionReused(),
        }),
      );
    },
  );
  return { ...(await listen(server, 'https:')), server };
}

function agentFor(b: { port: number }, options: HttpsAgentOptions = {}): HttpsAgent {
  const agent = new HttpsAgent({
    ca,
    marginMs: 0,
    origins: { [`https://localhost:${b.port}`]: { idleLimitMs: 600_000 } },
    ...options,
  });
  onTestFinished(() => agent.destroy());
  return agent;
}

function ask(
  options: https.RequestOptions,
): Promise<{ socket: TLSSocket; said: Record<string, unknown>; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: 'localhost', ...options }, (response) => {
      let text = '';
      const { socket } = response;
      response.on('data', (part) => (text += part));
      response.on('end', () =>
        setImmediate(() =>
          resolve({ socket: socket as TLSSocket, said: JSON.parse(text), reused: request.reusedSocket }),
        ),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

test('a Line over TLS has the face of a TLSSocket: authorized, certificate, cipher, protocol, SNI', async () => {
  const b = await serveTls();
  const { socket, said } = await ask({ port: b.port, agent: agentFor(b), servername: 'server.test' });
  expect(socket).toMatchObject({ encrypted: true, authorized: true, connecting: false, remotePort: b.port });
  expect(socket.getPeerCertificate().subject.CN).toBe('server.test');
  expect(socket.getProtocol()).toBe('TLSv1.3');
  expect(socket.getCipher().name).toMatch(/^TLS_/);
  expect(said['servername']).toBe('server.test');
});

test('ALPN and client certificates work as with Node', async () => {
  const b = await serveTls({ ca, requestCert: true, rejectUnauthorized: true });
  const agent = agentFor(b, { key: fixture('client.key'), cert: fixture('client.crt'), ALPNProtocols: ['http/1.1'] });
  const { socket, said } = await ask({ port: b.port, agent });
  expect(said['client']).toBe('client.test');
  expect(socket.alpnProtocol).toBe('http/1.1');
});

test('a certificate that is not trusted, or for another name, fails as with Node', async () => {
  const b = await serveTls();
  const untrusting = new HttpsAgent();
  onTestFinished(() => untrusting.destroy());
  expect((await failureOf(ask({ port: b.port, agent: untrusting }))).code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  expect((await failureOf(ask({ port: b.port, agent: agentFor(b), servername: 'other.test' }))).code).toBe(
    'ERR_TLS_CERT_ALTNAME_INVALID',
  );
});

test('sessions are resumed, also by the connection that a Line opens for a replay', async () => {
  const executed: string[] = [];
  const b = await serveTls({}, executed);
  let dying = true;
  b.server.prependListener('request', (request) => {
    if (request.headers['x-die'] && dying) {
      dying = false;
      request.url = '/dies';
    }
  });
  const agent = agentFor(b);
  const first = await ask({ port: b.port, agent });
  expect(first.said['resumed']).toBe(false);
  await wait(20);
  const replayed = await ask({ port: b.port, agent, headers: { 'x-die': '1' } });
  expect(replayed).toMatchObject({ reused: true, said: { resumed: true } });
  expect(agent.counts()).toMatchObject({ connects: 2, hangUps: 1, replays: 1 });
  expect(executed).toEqual(['GET', 'GET', 'GET']);
});

test('a POST that B executed before it ended the TLS connection is never sent again', async () => {
  const executed: string[] = [];
  const b = await serveTls({}, executed);
  const agent = agentFor(b);
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent, method: 'POST', path: '/dies' }));
  expect(error.hangUp).toMatchObject({ verdict: 'surface', reused: true });
  expect(executed).toEqual(['GET', 'POST']);
});

test('keys are logged for each connection where somebody listens', async () => {
  const b = await serveTls();
  const agent = agentFor(b);
  const logged = once(agent, 'keylog');
  await ask({ port: b.port, agent });
  expect(String((await logged)[0])).toMatch(/^(CLIENT|SERVER)_/);
});

test('connect, ready and secureConnect come once each, in the order of a TLSSocket', async () => {
  const b = await serveTls();
  const orders: string[][] = [];
  for (const agent of [agentFor(b), new https.Agent({ ca })]) {
    const seen: string[] = [];
    const request = https.get({ host: 'localhost', port: b.port, agent });
    request.on('socket', (socket) => {
      for (const event of ['lookup', 'connect', 'ready', 'secureConnect']) socket.on(event, () => seen.push(event));
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    agent.destroy();
    orders.push(seen.filter((event) => event !== 'lookup'));
  }
  expect(orders[0]).toEqual(orders[1]);
});
