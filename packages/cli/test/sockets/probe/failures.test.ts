import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answering, authority, expired, listen, report, trusted } from './b.js';

async function failureOf(url: string, options: Parameters<typeof report>[1] = {}) {
  const { outcome, failure } = await report(url, options);
  expect(outcome).toBe('not-measured');
  return failure;
}

describe('what cannot be measured says why', () => {
  test('nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect(await failureOf(`http://127.0.0.1:${port}/`)).toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`127.0.0.1:${port} refuses connections`),
    });
  });

  test('the certificate has expired, and --insecure measures all the same', async () => {
    const { port } = await answering({ limitMs: 300, tls: expired });
    const url = `https://127.0.0.1:${port}/`;
    expect(await failureOf(url, { ca: expired.cert })).toMatchObject({
      code: 'tls-expired',
      message: expect.stringMatching(/^The certificate of 127\.0\.0\.1 expired on .* --insecure\.$/),
    });
    expect((await report(url, { insecure: true })).limit).toMatchObject({ kind: 'closed' });
  });

  test('the certificate is for another name', async () => {
    const { port } = await answering({ tls: trusted });
    expect(await failureOf(`https://127.0.0.1:${port}/`, { ca: authority, sni: 'other.example' })).toMatchObject({
      code: 'tls-wrong-name',
      message: expect.stringContaining(
        'The certificate is for localhost, server.test, 127.0.0.1, not for other.example.',
      ),
    });
  });

  test('the certificate is of an unknown authority, and is taken once that is stated', async () => {
    const { port } = await answering({ limitMs: 300, tls: trusted });
    const url = `https://127.0.0.1:${port}/`;
    expect(await failureOf(url)).toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringContaining('--ca FILE'),
    });
    expect((await report(url, { ca: authority })).limit).toMatchObject({ kind: 'closed' });
  });

  test('no TLS is spoken there', async () => {
    const { port } = await answering({ answer: () => 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n' });
    expect(await failureOf(`https://127.0.0.1:${port}/`)).toMatchObject({
      code: 'tls-failed',
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  test('it is not HTTP', async () => {
    const { port } = await listen((socket) => socket.write('220 mail.example ESMTP\r\n'));
    expect(await failureOf(`http://127.0.0.1:${port}/`)).toMatchObject({
      code: 'not-http',
      message: expect.stringContaining('220 mail.example ESMTP'),
    });
  });

  test.each([
    ['by a FIN', 'closed', (socket: { end(): void }) => socket.end()],
    ['by a RST', 'reset', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ] as const)('it closes at once %s', async (_, said, close) => {
    const { port } = await listen((socket) => socket.once('data', () => close(socket)));
    expect(await failureOf(`http://127.0.0.1:${port}/`)).toEqual({
      code: 'closed-at-once',
      message: `127.0.0.1:${port} ${said} the connection before it answered.`,
    });
  });

  test('it never answers', async () => {
    const { port } = await listen((socket) => socket.resume());
    expect(await failureOf(`http://127.0.0.1:${port}/`, { answerTimeoutMs: 100 })).toMatchObject({ code: 'no-answer' });
  });

  test('the proxy refuses the tunnel', async () => {
    const answer = () => 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n';
    const { port } = await answering({ answer });
    expect(await failureOf('https://b.example/', { proxy: `http://127.0.0.1:${port}` })).toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining("it answered 'HTTP/1.1 407 Proxy Authentication Required'"),
    });
  });
});
