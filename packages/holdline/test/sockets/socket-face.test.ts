import { once } from 'node:events';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, type AgentOptions } from '../../src/index.js';
import { answer, ask, onRequests, patientAgent, serveHttp, serveRaw } from './support.js';

const ok: http.RequestListener = (request, response) => void request.resume().on('end', () => response.end('ok'));

test('to its client a Line is a socket: addresses, counters, and the events of connecting, once each', async () => {
  const b = await serveHttp(ok);
  const agent = patientAgent({ origin: `http://localhost:${b.port}` });
  const seen: string[] = [];
  const request = http.get({ host: 'localhost', family: 4, port: b.port, agent });
  request.on('socket', (socket: Socket) => {
    expect(socket.connecting).toBe(true);
    expect(socket.readyState).toBe('opening');
    for (const event of ['lookup', 'connect', 'ready', 'close']) socket.on(event, () => seen.push(event));
  });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const { socket } = response;
  await once(response.resume(), 'end');
  expect(socket).toBeInstanceOf(Duplex);
  expect(socket).toMatchObject({
    connecting: false,
    readyState: 'open',
    remoteAddress: '127.0.0.1',
    remotePort: b.port,
    remoteFamily: 'IPv4',
  });
  expect(socket.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4', port: socket.localPort });
  expect(socket.bytesWritten).toBe(b.accepted[0]?.bytesRead);
  expect(socket.bytesRead).toBe(b.accepted[0]?.bytesWritten);
  const closed = once(socket, 'close');
  agent.destroy();
  expect(await closed).toEqual([false]);
  expect(seen).toEqual(['lookup', 'connect', 'ready', 'close']);
});

test('timeouts: of the request, of the socket, of the agent', async () => {
  const b = await serveHttp(() => {});
  for (const [agentOptions, requestOptions] of [
    [{}, { timeout: 40 }],
    [{ timeout: 40 }, {}],
  ] as const) {
    const agent = patientAgent(b, agentOptions as AgentOptions);
    const request = http.get({ host: '127.0.0.1', port: b.port, agent, ...requestOptions }).on('error', () => {});
    await once(request, 'timeout');
    request.destroy();
  }
  const request = http.get({ host: '127.0.0.1', port: b.port, agent: patientAgent(b) }).on('error', () => {});
  request.setTimeout(40);
  await once(request, 'timeout');
  request.destroy();
});

test('a timeout does not come while bytes come', async () => {
  const b = await serveHttp((_request, response) => {
    let left = 6;
    const beat = setInterval(() => {
      response.write('.');
      if (--left > 0) return;
      clearInterval(beat);
      response.end();
    }, 40);
  });
  let timeouts = 0;
  const request = http.get({ host: '127.0.0.1', port: b.port, agent: patientAgent(b), timeout: 150 });
  request.on('timeout', () => timeouts++);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
  expect(timeouts).toBe(0);
});

test('an upgrade leaves a plain two-way stream, and an end on it is passed on', async () => {
  const b = await serveRaw((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello');
      socket.pipe(socket);
    });
  });
  const agent = patientAgent(b);
  const request = http.get({
    host: '127.0.0.1',
    port: b.port,
    agent,
    headers: { Connection: 'Upgrade', Upgrade: 'echo' },
  });
  const [, socket, head] = (await once(request, 'upgrade')) as [unknown, Socket, Buffer];
  expect(head.toString()).toBe('hello');
  socket.write('GET / HTTP/1.1\r\n\r\nnot a request any more');
  expect(String((await once(socket, 'data'))[0])).toContain('not a request');
  const ended = once(socket.resume(), 'end');
  socket.end();
  await ended;
  expect(agent.counts()).toMatchObject({ requests: 1, hangUps: 0, faults: 0 });
});

test('CONNECT opens a tunnel through which anything goes', async () => {
  const b = await serveRaw((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (data) => socket.write(data.toString().toUpperCase()));
    });
  });
  const request = http.request({
    host: '127.0.0.1',
    port: b.port,
    agent: patientAgent(b),
    method: 'CONNECT',
    path: 'db:5432',
  });
  request.end();
  const [response, socket] = (await once(request, 'connect')) as [http.IncomingMessage, Socket];
  expect(response.statusCode).toBe(200);
  socket.write('select 1');
  expect(String((await once(socket, 'data'))[0])).toBe('SELECT 1');
  socket.destroy();
});

test('Expect: 100-continue, chunks with trailers, and interim answers pass unchanged', async () => {
  const b = await serveHttp((request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => response.end(`${Buffer.concat(parts)} ${request.trailers['check']}`));
  });
  const agent = patientAgent(b);
  for (let i = 0; i < 2; i++) {
    const request = http.request({
      host: '127.0.0.1',
      port: b.port,
      agent,
      method: 'POST',
      headers: { Expect: '100-continue', Trailer: 'check', 'Transfer-Encoding': 'chunked' },
    });
    request.flushHeaders();
    await once(request, 'continue');
    request.write('one ');
    request.addTrailers({ check: 'sum' });
    request.end('two');
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(String(await once(response, 'data'))).toBe('one two sum');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(agent.counts()).toMatchObject({ requests: 2, connects: 1, faults: 0 });
});

test('backpressure holds both ways for 20 MB', async () => {
  const b = await serveHttp((request, response) => void request.pipe(response));
  const agent = patientAgent(b);
  const sent = Buffer.alloc(20_000_000, 'abc');
  const request = http.request({ host: '127.0.0.1', port: b.port, agent, method: 'POST' });
  expect(request.write(sent)).toBe(false);
  request.once('drain', () => request.end());
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  expect(received).toBe(sent.length);
});

test("a user's own createConnection is honoured, as an override and as an assignment, and replays through it", async () => {
  const b = await serveRaw((socket, index) => {
    let served = 0;
    onRequests(socket, () => {
      served++;
      if (index === 0 && served === 2) socket.destroy();
      else socket.write(answer('ok'));
    });
  });
  const own = (made: string[]) => (options: net.NetConnectOpts) => {
    made.push('own');
    return net.connect(options);
  };
  const overridden: string[] = [];
  class Mine extends Agent {
    override createConnection(options: never) {
      return own(overridden)(options);
    }
  }
  const limits = { marginMs: 0, origins: { [b.origin]: { idleLimitMs: 600_000 } } };
  const subclass = new Mine(limits);
  onTestFinished(() => subclass.destroy());
  await ask({ port: b.port, agent: subclass });
  expect((await ask({ port: b.port, agent: subclass })).body).toBe('ok');
  expect(overridden).toEqual(['own', 'own']);
  expect(subclass.counts()).toMatchObject({ replays: 1 });

  const assigned: string[] = [];
  const agent = new Agent(limits);
  onTestFinished(() => agent.destroy());
  agent.createConnection = own(assigned) as never;
  await ask({ port: b.port, agent });
  expect(assigned).toEqual(['own']);
});

test("in mode off the agent hands out Node's own sockets, and setMode turns it on for one origin while it runs", async () => {
  const b = await serveHttp(ok);
  const agent = patientAgent(b, { mode: 'off' });
  const plain = await ask({ port: b.port, agent });
  expect(plain.request.socket).toBeInstanceOf(net.Socket);
  agent.setMode('on', b.origin);
  b.accepted[0]?.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const line = await ask({ port: b.port, agent });
  expect(line.request.socket).not.toBeInstanceOf(net.Socket);
});

test('a process with an idle connection in the pool ends by itself', async () => {
  const { execFile } = await import('node:child_process');
  const b = await serveHttp(ok);
  const script = `
    const { Agent } = require(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).pathname)});
    require('node:http').get({ host: '127.0.0.1', port: ${b.port}, agent: new Agent() }, (r) => r.resume());`;
  const code = await new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], { timeout: 3_000 }, (error) =>
      resolve(error?.code ?? (error ? 'killed' : 0)),
    );
  });
  expect(code).toBe(0);
});

test('an AbortSignal in the options of createConnection destroys the Line, as it would a socket', async () => {
  const b = await serveHttp(ok);
  const control = new AbortController();
  const line = patientAgent(b).createConnection({ host: '127.0.0.1', port: b.port, signal: control.signal });
  const failed = once(line, 'error');
  control.abort();
  expect(((await failed)[0] as Error).name).toBe('AbortError');
});

test('an error with a code of its own is not made an ECONNRESET', async () => {
  const b = await serveHttp(ok);
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  agent.createConnection = (() => {
    const socket = net.connect(b.port, '127.0.0.1');
    socket.once('connect', () => socket.destroy(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })));
    return socket;
  }) as never;
  await expect(ask({ port: b.port, agent, method: 'POST' })).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
});

test('a host that is none to a URL is left to Node, as without Holdline', async () => {
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  await expect(ask({ host: 'no such host', port: 9, agent })).rejects.toMatchObject({ syscall: 'getaddrinfo' });
});

test("after the server's end an upgraded socket takes no more, and says so as a socket of Node does", async () => {
  const b = await serveRaw((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
  });
  const headers = { Connection: 'Upgrade', Upgrade: 'x' };
  for (const agent of [new http.Agent(), patientAgent(b)]) {
    const request = http.get({ host: '127.0.0.1', port: b.port, agent, headers });
    const [, socket] = (await once(request, 'upgrade')) as [unknown, Socket];
    expect(socket.listenerCount('end')).toBe(1);
    await once(socket.resume(), 'end');
    const failed = once(socket, 'error');
    const told = new Promise((resolve) => socket.write('more', resolve));
    expect((await failed)[0]).toMatchObject({ code: 'EPIPE', message: expect.stringContaining('has been ended') });
    expect(await told).toMatchObject({ code: 'EPIPE' });
  }
});
