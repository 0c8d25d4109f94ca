// The ways in which undici reaches a server, each on a Line of its own making, and what is none of a Line's business.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connector, dispatcher } from '../../src/undici/index.js';
import { deadThenLive, noDeadAddress } from '../sockets/dead-address.js';
import { answer, failureOf, listen, onRequests, serveHttp, serveRaw } from '../sockets/support.js';
import { hangUpOf, PATIENT, type Undici, undicis } from './support.js';

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, '../sockets/fixtures', name));
const ca = fixture('ca.crt');
const identity = { cert: fixture('server.crt'), key: fixture('server.key') };

describe.each(undicis)('undici $major', ({ undici }) => {
  const { Agent, Client, Pool, ProxyAgent, connect, errors, request, upgrade } = undici;
  const own = (options: Parameters<typeof connector>[0] = {}) => {
    const reach = connector({ ...PATIENT, ca, ...options });
    const agent = new Agent({ connect: reach });
    onTestFinished(() => agent.destroy());
    return { reach, agent };
  };
  const ask = async (agent: InstanceType<Undici['Agent']>, origin: string, init = {}) =>
    (await request(origin, { dispatcher: agent, ...init })).body.text();
  /** Answers one request on each connection; the next one is its end. */
  const hangsUp = (socket: net.Socket | tls.TLSSocket) => {
    let count = 0;
    socket.on('error', () => {});
    onRequests(socket as net.Socket, () => (count++ === 0 ? socket.write(answer('ok')) : socket.destroy()));
  };

  test('TLS: a stale GET is answered, a POST explained, and the session resumed', async () => {
    const resumed: boolean[] = [];
    const server = tls.createServer(identity, (socket) => {
      resumed.push(socket.isSessionReused());
      hangsUp(socket);
    });
    const b = await listen(server, 'https:');
    const { agent, reach } = own();
    for (let i = 0; i < 2; i++) {
      expect(await ask(agent, b.origin)).toBe('ok');
      await turn();
    }
    const failure = await failureOf(ask(agent, b.origin, { method: 'POST', body: 'x' }));
    expect(hangUpOf(failure).origin).toBe(b.origin);
    expect(resumed).toEqual([false, true]);
    expect(reach.counts()).toMatchObject({ hangUps: 2, replays: 1, surfaced: 1 });
  });

  test('TLS: a certificate that is not trusted, or is for another name, is refused', async () => {
    const b = await listen(tls.createServer(identity, hangsUp), 'https:');
    await expect(ask(own({ ca: '' }).agent, b.origin)).rejects.toThrow(/certificate/);
    const other = await failureOf(ask(own({ servername: 'other.test' }).agent, b.origin));
    expect(other.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await ask(own({ ca: '', rejectUnauthorized: false }).agent, b.origin)).toBe('ok');
  });

  test('IPv6', async (ctx) => {
    const server = http.createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('six'));
    onTestFinished(() => void server.closeAllConnections());
    server.listen(0, '::1');
    const [failed] = await Promise.race([once(server, 'listening'), once(server, 'error')]);
    ctx.skip(failed !== undefined, 'this machine has no IPv6 loopback');
    const { port } = server.address() as net.AddressInfo;
    const { agent, reach } = own({ origins: { [`http://[::1]:${port}`]: { mode: 'cutoff' } } });
    expect(await ask(agent, `http://[::1]:${port}`)).toBe('six');
    expect(reach.counts().requests).toBe(1);
    server.close();
  });

  test('a Unix socket, stated to the connector, the pool or the dispatcher', async (ctx) => {
    ctx.skip(process.platform === 'win32', 'Windows has named pipes');
    const folder = mkdtempSync(path.join(tmpdir(), 'holdline-undici-'));
    const socketPath = path.join(folder, 'b.sock');
    const server = net.createServer(hangsUp).listen(socketPath);
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const reach = connector(PATIENT);
    const pools = [
      own({ socketPath }).agent,
      new Pool('http://b.test', { connect: reach, socketPath }),
      dispatcher({ ...PATIENT, socketPath }, { Agent, Client, Pool }),
    ];
    for (const pool of pools) {
      for (let i = 0; i < 2; i++) {
        const { body } = await pool.request({ origin: 'http://b.test', path: '/', method: 'GET' } as never);
        expect(await body.text()).toBe('ok');
        await turn();
      }
      await pool.destroy();
    }
    expect(reach.counts()).toMatchObject({ hangUps: 1, replays: 1 });
  });

  test('HTTP/2 passes without a Line, where it is wanted and the server has it', async () => {
    const server = http2.createSecureServer({ ...identity, allowHTTP1: true }, (asked, response) =>
      response.end(asked.httpVersion),
    );
    const b = await listen(server, 'https:');
    for (const [allowH2, version] of [
      [true, '2.0'],
      [false, '1.1'],
    ] as const) {
      const reach = connector({ ...PATIENT, ca, allowH2 });
      const agent = new Agent({ connect: reach, allowH2 });
      expect(await ask(agent, b.origin)).toBe(version);
      expect(reach.counts().requests).toBe(allowH2 ? 0 : 1);
      await agent.destroy();
    }
    const fitting = dispatcher({ ca, allowH2: true }, { Agent, Client, Pool });
    expect(await ask(fitting, b.origin)).toBe('2.0');
    await fitting.destroy();
  });

  test('through a proxy: a stale GET is answered through a tunnel of its own', async () => {
    const b = await serveRaw(hangsUp);
    let tunnels = 0;
    const proxy = http.createServer();
    proxy.on('connect', (asked, socket: net.Socket) => {
      tunnels++;
      const [host, port] = (asked.url ?? '').split(':');
      const onward = net.connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      for (const each of [onward, socket]) each.on('error', () => {});
      onward.pipe(socket).pipe(onward);
    });
    const { origin: uri } = await listen(proxy, 'http:');
    const counted: { replays: number }[] = [];
    const agent = new ProxyAgent({
      uri,
      proxyTunnel: true,
      factory: (origin: URL, options: object) => {
        const { connect: tunnel } = options as { connect: never };
        const reach = connector({ ...PATIENT, connect: tunnel });
        counted.push({
          get replays() {
            return reach.counts().replays;
          },
        });
        return new Pool(origin, { ...options, connect: reach });
      },
    });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 2; i++) {
      expect(await ask(agent as never, b.origin)).toBe('ok');
      await turn();
    }
    expect(tunnels).toBe(2);
    expect(counted.map(({ replays }) => replays)).toEqual([1]);
  });

  test('what was upgraded, or tunnelled by CONNECT, passes both ways', async () => {
    const server = http.createServer();
    const greet = (_: unknown, socket: net.Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    };
    server.on('upgrade', greet);
    server.on('connect', (_: unknown, socket: net.Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(socket);
    });
    const b = await listen(server, 'http:');
    const { agent, reach } = own();
    const upgraded = await upgrade(b.origin, { dispatcher: agent, protocol: 'echo' });
    const tunnelled = await connect(b.origin, { dispatcher: agent, path: 'b.test:80' } as never);
    for (const { socket } of [upgraded, tunnelled]) {
      socket.end('GET / HTTP/1.1\r\n\r\n');
      expect(await text(socket)).toBe('GET / HTTP/1.1\r\n\r\n');
    }
    expect(reach.counts()).toMatchObject({ faults: 0, hangUps: 0 });
  });

  test('with pipelining a request that overtakes a response is not sent again into it', async () => {
    let seen = 0;
    const b = await serveRaw((socket, index) => {
      if (index > 0) return hangsUp(socket);
      onRequests(socket, () => {
        if (seen++ === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it');
        else socket.destroy();
      });
    });
    const reach = connector(PATIENT);
    const client = new Client(b.origin, { connect: reach, pipelining: 2 });
    onTestFinished(() => client.destroy());
    const first = await client.request({ path: '/1', method: 'GET' });
    const [cut, second] = await Promise.allSettled([
      first.body.text(),
      client.request({ path: '/2', method: 'GET' }).then(({ body }) => body.text()),
    ]);
    expect(cut.status).toBe('rejected');
    if (second.status === 'fulfilled') expect(second.value).toBe('ok'); // undici itself sent it again
    expect(reach.counts()).toMatchObject({ replays: 0, faults: 1 });
  });

  test('connecting is bounded as undici bounds it, TLS included, and so is the connection for a replay', async () => {
    const secure = tls.createServer(identity, hangsUp);
    const behind = await listen(secure, 'https:');
    const front = await serveRaw((socket, index) => {
      if (index > 0) return; // accepts, and never says a word
      const onward = net.connect(behind.port, '127.0.0.1');
      onward.on('error', () => {});
      onward.pipe(socket).pipe(onward);
      onward.on('close', () => socket.destroy());
    });
    const origin = front.origin.replace('http:', 'https:');
    const { agent } = own({ timeout: 200 });
    expect(await ask(agent, origin)).toBe('ok');
    await turn();
    const replay = await failureOf(ask(agent, origin));
    expect(hangUpOf(replay).reason).toBe('replay-connect-failed');
    expect(replay.message).toContain('timeout: 200ms');
    const first = await failureOf(ask(agent, origin));
    expect(first).toBeInstanceOf(errors.ConnectTimeoutError);
    expect(first.code).toBe('UND_ERR_CONNECT_TIMEOUT');
  });

  test('a replay tries all addresses of a name, as undici does for any other connection', async (ctx) => {
    ctx.skip(noDeadAddress !== false, `${noDeadAddress}`);
    const b = await serveRaw(hangsUp);
    const { lookup, lookups } = await deadThenLive(b.port);
    const { agent, reach } = own({ lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 50 });
    const origin = `http://b.test:${b.port}`;
    for (let i = 0; i < 2; i++) {
      expect(await ask(agent, origin)).toBe('ok');
      await turn();
    }
    expect(lookups()).toBe(2);
    expect(reach.counts()).toMatchObject({ hangUps: 1, replays: 1, surfaced: 0 });
  });

  test("nobody listens: the error is undici's own", async () => {
    const b = await serveHttp(() => {});
    await b.close();
    const bare = new Agent();
    const [plain, held] = await Promise.all([bare, own().agent].map((agent) => failureOf(ask(agent, b.origin))));
    expect([held?.code, held?.message]).toEqual([plain?.code, plain?.message]);
    await bare.destroy();
  });

  test('in mode off, and for HTTPS in it, the sockets are plain', async () => {
    const plain: unknown[] = [];
    const server = https.createServer(identity, (asked, response) => response.end(asked.headers.host));
    const b = await listen(server, 'https:');
    const reach = connector({ ca, mode: 'off' });
    const agent = new Agent({
      connect: (to: never, done: (...given: never[]) => void) => {
        return reach(to, (error, socket) => {
          plain.push(socket);
          done(error as never, socket as never);
        });
      },
    } as never);
    expect(await ask(agent, b.origin)).toBe(b.origin.slice('https://'.length));
    expect(plain[0]).toBeInstanceOf(tls.TLSSocket);
    await agent.destroy();
  });
});
