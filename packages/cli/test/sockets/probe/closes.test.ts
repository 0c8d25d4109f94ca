import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answering, closing, report, trusted } from './b.js';

const insecure = { insecure: true };

describe('how a server closes is told as it does', () => {
  test.each([
    ['fin', closing.byFin],
    ['reset', closing.byReset],
    ['408', closing.by408],
  ] as const)('%s', async (by, close) => {
    const { port } = await answering({ limitMs: 300, close });
    expect((await report(`http://127.0.0.1:${port}/`)).limit).toMatchObject({ kind: 'closed', by });
  });

  test('close_notify, over TLS', async () => {
    const { port } = await answering({ limitMs: 400, tls: trusted });
    const found = await report(`https://127.0.0.1:${port}/`, insecure);
    expect(found.limit).toMatchObject({ kind: 'closed', by: 'close-notify' });
  });

  test('a bare FIN over TLS, as Node sends it, is no close_notify', async () => {
    const server = createHttpsServer(trusted, (_, response) => response.end('ok'));
    server.keepAliveTimeout = 200;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const found = await report(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, insecure);
    expect(found.limit).toMatchObject({ kind: 'closed', by: 'fin' });
    expect(found.greeting?.tlsVersion).toBe('TLSv1.3');
  });

  test('HTTP/2 is seen by ALPN, with its GOAWAY', async () => {
    const server = createSecureServer({ ...trusted, allowHTTP1: true }, (_, response) => void response.end());
    Object.assign(server, { keepAliveTimeout: 200 });
    server.on('session', (session) => session.setTimeout(250, () => session.close()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const headers = { Connection: 'keep-alive', Host: 'b.example', 'X-Key': '1' };
    const found = await report(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      ...insecure,
      headers,
    });
    expect(found.http2).toMatchObject({ status: 200, closed: true, by: 'goaway', pingMs: expect.any(Number) });
    expect(found.findings.map(({ id }) => id)).toContain('http2');
  });

  test('a server that speaks nothing but HTTP/2 is told as such, with what it does', async () => {
    const server = createSecureServer(trusted, (_, response) => void response.end());
    server.on('session', (session) => session.setTimeout(250, () => session.close()));
    server.on('unknownProtocol', (socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const found = await report(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, insecure);
    expect(found).toMatchObject({ outcome: 'not-measured', failure: { code: 'tls-failed' } });
    expect(found.http2).toMatchObject({ status: 200, closed: true, by: 'goaway' });
  });
});

describe('where a server listens', () => {
  test('on a Unix socket', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'holdline-probe-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const socketPath = path.join(directory, 'b.sock');
    await answering({ limitMs: 200, path: socketPath });
    const found = await report('http://b.example/', { socketPath });
    expect(found.limit).toMatchObject({ kind: 'closed', by: 'fin' });
    expect(found.addresses[0]?.address).toBe(socketPath);
  });

  test('behind the CONNECT of a proxy, with TLS through it', async () => {
    const { port } = await answering({ limitMs: 400, tls: trusted });
    const asked: (string | undefined)[] = [];
    const proxy = createHttpServer().on('connect', async (request, socket) => {
      asked.push(request.headers['proxy-authorization']);
      const { connect } = await import('node:net');
      const onward = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      for (const one of [socket, onward]) one.on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    const { port: proxyPort } = proxy.address() as AddressInfo;
    const found = await report('https://b.example/', { ...insecure, proxy: `http://me:secret@127.0.0.1:${proxyPort}` });
    expect(found.limit).toMatchObject({ kind: 'closed', by: 'close-notify' });
    expect(new Set(asked)).toEqual(new Set([`Basic ${btoa('me:secret')}`]));
  });

  test('at an address that is stated in place of DNS', async () => {
    const { port } = await answering({ limitMs: 200 });
    const found = await report(`http://b.example:${port}/`, { resolve: [`b.example:${port}:127.0.0.1`] });
    expect(found.addresses.map(({ address }) => address)).toEqual(['127.0.0.1']);
    expect(found.limit).toMatchObject({ kind: 'closed' });
  });
});

test('a body is read to its end, in chunks too: the idle time begins there', async () => {
  const body = 'x'.repeat(200_000);
  const answer = () =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\nTrailer: 1\r\n\r\n`;
  const { port } = await answering({ limitMs: 300, answer });
  const found = await report(`http://127.0.0.1:${port}/`, { method: 'GET' });
  expect(found.limit).toMatchObject({ kind: 'closed', by: 'fin' });
});

test('fifty URLs at once are probed in the time of the slowest', async () => {
  const { probe, judge } = await import('../../../src/probe/index.js');
  const servers = await Promise.all(Array.from({ length: 50 }, (_, index) => answering({ limitMs: 300 + 12 * index })));
  const urls = servers.map(({ port }) => `http://127.0.0.1:${port}/`);
  const begun = performance.now();
  const found = [];
  for await (const event of probe(urls, { connections: 4, maxWaitMs: 10_000 }))
    if (event.type === 'measured') found.push(judge(event.observation));
  const tookMs = performance.now() - begun;
  expect(found.map(({ limit }) => limit?.kind)).toEqual(urls.map(() => 'closed'));
  // One after another they would take the sum, 30 s; a busy machine adds what it adds.
  const slowestMs = Math.max(...found.map(({ limit }) => (limit?.kind === 'closed' ? limit.ms : 0)));
  expect(tookMs).toBeLessThan(3 * slowestMs);
});
