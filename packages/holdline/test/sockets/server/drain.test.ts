import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drain, harden } from '../../../src/server/index.js';
import { wait } from '../support.js';
import { listen, SHORT, start } from './describe-server.js';
import { RawClient } from './raw-client.js';
import { answer } from './routes.js';

const NOW = { noticeMs: 0 };
const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

async function idleClients(port: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i++) {
    const a = await RawClient.open(port);
    await a.ask('/ok');
    clients.push(a);
  }
  return clients;
}

describe('requests that cross the end of a server', () => {
  const COUNT = 20;

  async function lostOf(port: number, end: () => void): Promise<number> {
    const clients = await idleClients(port, COUNT);
    end();
    // No client can know of it yet.
    const answers = await Promise.all(clients.map((a) => a.ask('/ok')));
    for (const a of clients) a.socket.destroy();
    return answers.filter((each) => !each.startsWith('HTTP/1.1 200')).length;
  }

  test('are lost, all of them, with close()', async () => {
    const server = http.createServer(answer);
    expect(await lostOf(await listen({ server }), () => server.close())).toBe(COUNT);
  });

  test('are all answered with drain()', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }));
    let drained: ReturnType<typeof drain> | undefined;
    const lost = await lostOf(b.port, () => (drained = drain({ servers: [b.hardened], ...NOW })));
    expect(lost).toBe(0);
    expect(await drained).toMatchObject({ served: COUNT, cut: {} });
  });
});

describe('a drain', () => {
  test('accepts for as long as the load balancer is given to notice, and for as long as the hook takes', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }));
    let deregistered = () => {};
    const onNotReady = () => new Promise<void>((resolve) => (deregistered = resolve));
    const drained = drain({ servers: [b.hardened], noticeMs: 100, onNotReady });
    await wait(200);
    expect(b.hardened.ready).toBe(false);
    const a = await RawClient.open(b.port);
    expect(await a.ask('/ok'), 'it goes on as before').not.toMatch(/^connection: close/im);
    deregistered();
    await wait(50);
    expect(await a.ask('/ok')).toMatch(/^connection: close/im);
    a.socket.end();
    expect(await drained).toMatchObject({ served: 2, cut: {} });
  });

  test('is not stopped by a hook that fails, which is told at the end', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }));
    const onNotReady = () => {
      throw new Error('no such target group');
    };
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    await expect(drain({ servers: [b.hardened], ...NOW, onNotReady, log })).rejects.toThrow('no such target group');
    expect(b.made.server.listening).toBe(false);
    expect(lines).toEqual([expect.stringContaining('nothing cut')]);
  });

  test('marks a response that is under way, and keeps what a library has put around its head', async () => {
    const server = http.createServer((_, response) => {
      // as on-headers does, and by it sessions and compression
      const { writeHead } = response;
      response.writeHead = function (this: typeof response, ...args: unknown[]) {
        this.setHeader('X-Session', 'kept');
        return Reflect.apply(writeHead, this, args) as typeof response;
      } as typeof writeHead;
      setTimeout(() => response.end('ok'), 200);
    });
    const b = await start(() => ({ server }));
    const a = await RawClient.open(b.port);
    await a.ask('/');
    a.send('/');
    await wait(50);
    const drained = drain({ servers: [b.hardened], ...NOW });
    const answered = await a.answer();
    expect(answered).toMatch(/^X-Session: kept\r$/m);
    expect(answered).toMatch(/^Connection: close\r$/m);
    a.socket.end();
    expect(await drained).toMatchObject({ served: 1, cut: {} });
  });

  test('answers all of several requests that came at once on a connection, and counts each', async () => {
    const b = await start(() => ({
      server: http.createServer((_, response) => setTimeout(() => response.end(), 100)),
    }));
    const a = await RawClient.open(b.port);
    a.send('/');
    a.send('/');
    await wait(50);
    const drained = drain({ servers: [b.hardened], ...NOW });
    await a.end();
    a.socket.end();
    expect(await drained).toMatchObject({ served: 2, cut: {}, closed: { afterResponse: 1 } });
  });

  test('leaves an idle connection alone, though Node was told later to keep no time', async () => {
    const server = http.createServer(answer);
    const b = await start(() => ({ server }));
    server.keepAliveTimeout = 0;
    const a = await RawClient.open(b.port);
    await a.ask('/ok');
    await wait(700);
    const begunAtMs = performance.now();
    const drained = drain({ servers: [b.hardened], ...NOW });
    await a.end();
    expect(a.endedAtMs - begunAtMs).toBeGreaterThan(550);
    a.socket.end();
    expect(await drained).toMatchObject({ cut: {}, closed: { afterIdle: 1 } });
  });

  test('still cuts off a head and a body that do not come to their end', async () => {
    const server = http.createServer({ connectionsCheckingInterval: 20 }, (request, response) => {
      request.resume().on('end', () => response.end());
    });
    const b = await start(() => ({ server }), { ...SHORT, headersTimeoutMs: 700, requestTimeoutMs: 900 });
    const [head, body] = [await RawClient.open(b.port), await RawClient.open(b.port)];
    head.socket.write('GET / HTTP/1.1\r\nHo');
    body.send('/', 'Content-Length: 10\r\n', 'POST');
    await wait(50);
    const report = await drain({ servers: [b.hardened], ...NOW });
    await Promise.all([head.end(), body.end()]);
    expect(head.text).toMatch(/^HTTP\/1\.1 408/);
    expect(body.text).toMatch(/^HTTP\/1\.1 408/);
    expect(report).toMatchObject({ served: 0, cut: {} });
  });

  test('hands what was upgraded, and what streams, to those who can end it', async () => {
    const server = http.createServer((_, response) => void response.write('event'));
    server.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    const b = await start(() => ({ server }));
    const [socket, stream] = [await RawClient.open(b.port), await RawClient.open(b.port)];
    socket.send('/', 'Connection: Upgrade\r\nUpgrade: chat\r\n');
    stream.send('/');
    await wait(50);
    const drained = drain({
      servers: [b.hardened],
      ...NOW,
      onUpgraded: (upgraded: Duplex) => upgraded.end('bye'),
      onResponding: (response) => response.end('last'),
    });
    await Promise.all([socket.end(), stream.end()]);
    expect(socket.text).toMatch(/bye$/);
    expect(stream.text).toMatch(/last\r\n0\r\n\r\n$/);
    for (const a of [socket, stream]) a.socket.end();
    expect(await drained).toMatchObject({ served: 1, cut: {} });
  });

  test('ends the others, where ending one of them failed', async () => {
    const b = await start(() => ({ server: http.createServer((_, response) => void response.write('event')) }));
    const clients = [await RawClient.open(b.port), await RawClient.open(b.port)];
    for (const a of clients) a.send('/');
    await wait(50);
    let told = 0;
    const onResponding = (response: http.ServerResponse) => {
      response.end();
      if (told++ === 0) throw new Error('no such stream');
    };
    const drained = drain({ servers: [b.hardened], ...NOW, onResponding });
    for (const a of clients) a.socket.on('end', () => a.socket.end());
    await expect(drained).rejects.toThrow('no such stream');
    expect(told).toBe(2);
    expect(b.hardened.counts().open).toBe(0);
  });

  test('cuts an upgraded connection at its limit, and tells it as such', async () => {
    const server = http.createServer(answer);
    server.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    const b = await start(() => ({ server }));
    const a = await RawClient.open(b.port);
    a.send('/', 'Connection: Upgrade\r\nUpgrade: chat\r\n');
    await wait(50);
    const report = await drain({ servers: [b.hardened], ...NOW, limitMs: 100 });
    expect(report).toMatchObject({ cut: { upgraded: 1 }, exitCode: 1 });
  });

  test('closes idle connections at once where no client can use them any more', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }));
    const clients = await idleClients(b.port, 3);
    for (const a of clients) a.socket.on('end', () => a.socket.end());
    const report = await drain({ servers: [b.hardened], ...NOW, idleMs: 0 });
    expect(report).toMatchObject({ closed: { afterIdle: 3 }, cut: {} });
    expect(report.tookMs).toBeLessThan(400);
  });

  test('says what may have been lost unseen, where nothing is known of the clients', async () => {
    const unknown = harden(http.createServer(), SHORT);
    expect((await drain({ servers: [unknown], ...NOW })).residualRisk).toMatch(/unknown.*600 ms/);
    const known = harden(http.createServer(), { ...SHORT, clientIdleMs: 300 });
    expect((await drain({ servers: [known], ...NOW })).residualRisk).toBeUndefined();
    const shortened = harden(http.createServer(), { ...SHORT, clientIdleMs: 300 });
    expect((await drain({ servers: [shortened], ...NOW, idleMs: 200 })).residualRisk).toMatch(/300 ms, but.*200 ms/);
  });

  test('ends HTTP/2 sessions by a GOAWAY, after their streams', async () => {
    const server = http2.createSecureServer(
      { key: fixture('server.key'), cert: fixture('server.crt') },
      (_, response) => void setTimeout(() => response.end('slow'), 200),
    );
    const b = await start(() => ({ server }));
    const session = http2.connect(`https://127.0.0.1:${b.port}`, { rejectUnauthorized: false });
    onTestFinished(() => session.destroy());
    const goaway = once(session, 'goaway');
    const stream = session.request({ ':path': '/' });
    let body = '';
    stream.setEncoding('utf8').on('data', (text: string) => (body += text));
    await wait(100);
    const drained = drain({ servers: [b.hardened], ...NOW });
    await Promise.all([once(stream, 'end'), goaway]);
    expect(body).toBe('slow');
    expect(await drained).toMatchObject({ cut: {} });
  });

  test('is one: a second one is told so', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }));
    const first = drain({ servers: [b.hardened], ...NOW });
    await expect(drain({ servers: [b.hardened], ...NOW })).rejects.toThrow('being drained already');
    expect(await first).toMatchObject({ exitCode: 0 });
  });

  test('complains about options that it does not know or cannot use', async () => {
    const complaints: [object, string][] = [
      [{ timeout: 5 }, 'timeout is 5; expected only servers'],
      [{ servers: [http.createServer()] }, 'what harden() returned'],
      [{ onSignal: 'SIGTERM' }, "onSignal is 'SIGTERM'; expected an array of signals"],
      [{ log: true }, 'log is true; expected a function'],
    ];
    for (const [options, complaint] of complaints) await expect(drain(options)).rejects.toThrow(complaint);
  });
});

describe('a program that is drained by a signal', () => {
  async function run(options: object = {}) {
    const program = path.join(import.meta.dirname, 'draining-program.mjs');
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      cwd: path.join(import.meta.dirname, '../../../../cli'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const lines: string[] = [];
    const output = createInterface(child.stdout);
    output.on('line', (line) => lines.push(line));
    await once(output, 'line');
    return { child, exit, lines, port: Number(lines[0]) };
  }

  test('answers what still comes, reports, and ends with 0', async () => {
    const { child, exit, lines, port } = await run();
    const [a] = await idleClients(port, 1);
    child.kill('SIGTERM');
    await wait(100);
    expect(await a?.ask('/ok')).toMatch(/^HTTP\/1\.1 200[^]*connection: close/im);
    a?.socket.end();
    expect(await exit).toEqual([0, null]);
    expect(lines[1]).toMatch(
      /^holdline: drained in \d\.\d s: 1 requests served; .* 1 after a response.*; nothing cut$/,
    );
  });

  test('ends with 1 where something was cut', async () => {
    const { child, exit, lines, port } = await run({ limitMs: 200 });
    const a = await RawClient.open(port);
    a.send('/never');
    await wait(50);
    child.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
    expect(lines[1]).toMatch(/CUT: 1 request$/);
  });

  test('ends at once at a second signal', async () => {
    const { child, exit, port } = await run();
    const a = await RawClient.open(port);
    a.send('/never');
    await wait(50);
    child.kill('SIGTERM');
    await wait(200);
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
  });
});
