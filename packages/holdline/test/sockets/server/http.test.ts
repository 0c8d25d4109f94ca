import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { channels, type HardenOptions, harden, type ServerCloseEvent } from '../../../src/server/index.js';
import { doAndStall, wait } from '../support.js';
import { describeServer, listen, SHORT, start } from './describe-server.js';
import { RawClient } from './raw-client.js';
import { answer } from './routes.js';

describeServer('node:http', () => ({ server: http.createServer(answer) }));

/** What Node's checker for slow heads needs 30 s for. */
const QUICK_CHECKS = { connectionsCheckingInterval: 20 };

function heardOn<Event>(channel: string): Event[] {
  const heard: Event[] = [];
  const hear = (event: unknown) => void heard.push(event as Event);
  subscribe(channel, hear);
  onTestFinished(() => void unsubscribe(channel, hear));
  return heard;
}

describe('a bare server of Node, for comparison,', () => {
  async function bare(options: http.ServerOptions = {}) {
    const server = http.createServer({ keepAliveTimeout: 400, ...options }, answer);
    if ('keepAliveTimeoutBuffer' in server) server.keepAliveTimeoutBuffer = 0;
    return listen({ server });
  }

  test('loses a request that had arrived before its event loop stood still past the idle limit', async () => {
    const a = await RawClient.open(await bare());
    await a.ask('/ok');
    await wait(100);
    await doAndStall(() => a.send('/ok'), 1_500);
    expect(await a.answer()).toBe('');
    expect(a.error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('destroys its own refusal on the way, where the client was sending more than it reads', async () => {
    const a = await RawClient.open(await bare());
    a.socket.pause();
    a.send('/refuse', 'Content-Length: 8000000\r\n', 'POST');
    a.socket.write(Buffer.alloc(1_000_000));
    await wait(50);
    a.socket.write(Buffer.alloc(1_000_000));
    await wait(50);
    a.socket.resume();
    expect(await a.answer()).toBe('');
    expect(a.error).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });

  test('sends a 408 that nobody asked for on a connection that was opened in advance', async () => {
    const a = await RawClient.open(await bare({ ...QUICK_CHECKS, headersTimeout: 100, requestTimeout: 100 }));
    await a.end();
    expect(a.text).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe('the idle limit', () => {
  test('is the promised time and the buffer, also where Node has a buffer of its own', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }), { ...SHORT, keepAliveBufferMs: 1_500 });
    const a = await RawClient.open(b.port);
    await a.ask('/ok');
    const answeredAtMs = performance.now();
    await a.end();
    expect(a.endedAtMs - answeredAtMs).toBeGreaterThan(1_850);
    expect(a.endedAtMs - answeredAtMs).toBeLessThan(3_000);
  });

  test('is not that of a request that takes longer', async () => {
    const b = await start(() => ({
      server: http.createServer((_, response) => setTimeout(() => response.end(), 2_000)),
    }));
    const a = await RawClient.open(b.port);
    expect(await a.ask('/')).toMatch(/^HTTP\/1\.1 200/);
  });

  test('is told as the handler and Node have it: not on a last response, and not over a hint of its own', async () => {
    const server = http.createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      if (request.url === '/close') response.setHeader('Connection', 'close');
      if (request.url === '/keep') response.setHeader('Connection', 'keep-alive');
      if (request.url === '/own') response.writeHead(200, ['Keep-Alive', 'timeout=1', 'Content-Length', '0']);
      response.end();
    });
    server.maxRequestsPerSocket = 4;
    const b = await start(() => ({ server }), { keepAliveTimeoutMs: 3_000 });
    const a = await RawClient.open(b.port);
    expect(await a.ask('/')).toMatch(/^Keep-Alive: timeout=3, max=4, limit-ms=4000\r$/m);
    expect(await a.ask('/keep'), 'once for each connection').toMatch(/^Connection: keep-alive\r$/m);
    expect((await a.ask('/own')).match(/^Keep-Alive.*$/gm)).toEqual(['Keep-Alive: timeout=1']);
    const last = await a.ask('/');
    expect(last, 'the last of four').toMatch(/^Connection: close\r$/m);
    expect(last).not.toMatch(/^Keep-Alive/m);
    const kept = await RawClient.open(b.port);
    expect(await kept.ask('/keep')).toMatch(/^Keep-Alive: timeout=3, max=4, limit-ms=4000\r$/m);
    const own = await RawClient.open(b.port);
    expect((await own.ask('/own')).match(/^Keep-Alive.*$/gm)).toEqual(['Keep-Alive: timeout=1']);
    const another = await RawClient.open(b.port);
    expect(await another.ask('/close')).not.toMatch(/^Keep-Alive/m);
    const quiet = await start(() => ({ server: http.createServer(answer) }), { ...SHORT, hint: false });
    const other = await RawClient.open(quiet.port);
    expect(await other.ask('/ok')).toMatch(/^Keep-Alive: timeout=0\r$/m);
  });
});

test('a connection that was opened in advance ends by a FIN, after the idle limit, with no 408', async () => {
  const closes = heardOn<ServerCloseEvent>(channels.serverClose);
  const options: HardenOptions = { ...SHORT, headersTimeoutMs: 700, requestTimeoutMs: 700 };
  const b = await start(() => ({ server: http.createServer(QUICK_CHECKS, answer) }), options);
  const openedAtMs = performance.now();
  const a = await RawClient.open(b.port);
  await a.end();
  expect(a.endedAtMs - openedAtMs).toBeGreaterThan(600);
  expect(a.text).toBe('');
  expect(a.error).toBeUndefined();
  expect(closes).toMatchObject([{ reason: 'silent', requests: 0, promiseBroken: false }]);
});

test('a head that does not come to its end is still answered with a 408', async () => {
  const options: HardenOptions = { ...SHORT, headersTimeoutMs: 700, requestTimeoutMs: 700 };
  const b = await start(() => ({ server: http.createServer(QUICK_CHECKS, answer) }), options);
  const a = await RawClient.open(b.port);
  a.socket.write('GET / HTTP/1.1\r\nHo');
  await a.end();
  expect(a.text).toMatch(/^HTTP\/1\.1 408/);
});

describe('maxIdleConnections', () => {
  test('closes the oldest idle connections, and says whose promised time was not over', async () => {
    const closes = heardOn<ServerCloseEvent>(channels.serverClose);
    const b = await start(() => ({ server: http.createServer(answer) }), { ...SHORT, maxIdleConnections: 2 });
    const clients: RawClient[] = [];
    for (let i = 0; i < 4; i++) {
      const a = await RawClient.open(b.port);
      await a.ask('/ok');
      clients.push(a);
    }
    await clients[1]?.end();
    expect(clients.map(({ ended }) => ended)).toEqual([true, true, false, false]);
    expect(b.hardened.counts()).toMatchObject({ flooded: 2, promisesBroken: 2 });
    expect(closes).toMatchObject([
      { reason: 'flood', promiseBroken: true },
      { reason: 'flood', promiseBroken: true },
    ]);
  });

  test('does not close one that is in use, however many are idle', async () => {
    const b = await start(() => ({ server: http.createServer(answer) }), { ...SHORT, maxIdleConnections: 1 });
    const busy = await RawClient.open(b.port);
    busy.send('/slow');
    await once(b.made.server, 'request');
    for (let i = 0; i < 3; i++) await RawClient.open(b.port);
    expect(await busy.answer()).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe("a listener of the user's", () => {
  test('for timeout keeps its say while a request runs', async () => {
    const server = http.createServer(() => {});
    server.setTimeout(200, (socket: Socket) => socket.end('HTTP/1.1 503 Busy\r\n\r\n'));
    const b = await start(() => ({ server }));
    const a = await RawClient.open(b.port);
    a.send('/');
    await a.end();
    expect(a.text).toMatch(/^HTTP\/1\.1 503/);
  });

  test('for upgrade gets a socket that is left alone', async () => {
    const server = http.createServer(answer);
    server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    const b = await start(() => ({ server }));
    const a = await RawClient.open(b.port);
    await a.ask('/ok');
    a.send('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    await wait(1_800);
    a.text = '';
    a.socket.write('hello');
    await wait(50);
    expect(a.text).toBe('hello');
    a.socket.end();
    await a.end();
  });

  test('for checkContinue gets its requests, which count as such', async () => {
    const server = http.createServer(answer);
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.resume().on('end', () => response.end('ok'));
    });
    const b = await start(() => ({ server }));
    const a = await RawClient.open(b.port);
    a.send('/', 'Expect: 100-continue\r\nContent-Length: 2\r\n', 'POST');
    a.socket.write('hi');
    await wait(50);
    expect(a.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(b.hardened.counts()).toMatchObject({ requests: 1, idle: 1 });
  });
});

describe('harden complains', () => {
  const complaint = (options: object) => () => harden(http.createServer(), options);

  test('about numbers that contradict each other, and says both', () => {
    expect(complaint({ behind: 'aws-alb', keepAliveTimeoutMs: 5_000 })).toThrow(
      "keepAliveTimeoutMs is 5000; expected more than what 'aws-alb' keeps, which is 60000 ms",
    );
    expect(complaint({ clientIdleMs: 90_000, keepAliveTimeoutMs: 65_000 })).toThrow(
      'keepAliveTimeoutMs is 65000; expected more than clientIdleMs, which is 90000 ms',
    );
    expect(complaint({ keepAliveTimeoutMs: 65_000, headersTimeoutMs: 60_000 })).toThrow(
      'headersTimeoutMs is 60000; expected more than the idle limit, which is 66000 ms',
    );
    expect(complaint({ headersTimeoutMs: 90_000, requestTimeoutMs: 80_000 })).toThrow(
      'requestTimeoutMs is 80000; expected at least headersTimeoutMs, which is 90000 ms',
    );
    expect(complaint({ headersTimeoutMs: 0, requestTimeoutMs: 80_000 })).toThrow(
      'requestTimeoutMs is 80000; expected 0, for headersTimeoutMs is 0 (no limit at all)',
    );
  });

  test('about what it does not know, what is no server, and a second time', () => {
    expect(complaint({ behind: 'apache' })).toThrow("behind is 'apache'; expected 'aws-alb'");
    expect(complaint({ keepAliveTimeout: 5 })).toThrow('keepAliveTimeout is 5; expected only behind, clientIdleMs');
    expect(() => harden({} as http.Server)).toThrow('pass what the framework listens with');
    const server = http.createServer();
    harden(server);
    expect(() => harden(server)).toThrow('hardened before');
  });
});

test('harden sets the timeouts of the server in their order', () => {
  const server = http.createServer();
  const { timeouts, idleLimitMs } = harden(server, { behind: 'gcp-lb' });
  expect(timeouts.keepAliveTimeoutMs).toBe(605_000);
  expect(idleLimitMs).toBe(606_000);
  expect(server).toMatchObject({ keepAliveTimeout: 605_000, headersTimeout: 607_000, requestTimeout: 607_000 });
});
