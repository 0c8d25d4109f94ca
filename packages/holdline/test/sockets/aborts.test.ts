import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, channels } from '../../src/index.js';
import { recordedBytes } from '../../src/line/recording.js';
import { answer, ask, failureOf, onRequests, patientAgent, type Running, serveRaw, wait } from './support.js';

/** Answers the first request of the first connection, and hands every other one to the test. */
async function handOver(): Promise<
  Running & { heard: { head: string; socket: Socket; index: number }[]; next(): Promise<Socket> }
> {
  const heard: { head: string; socket: Socket; index: number }[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  let first = true;
  const b = await serveRaw((socket, index) => {
    onRequests(socket, (head) => {
      if (first) {
        first = false;
        socket.write(answer('first'));
        return;
      }
      heard.push({ head, socket, index });
      waiting.shift()?.(socket);
    });
  });
  return { ...b, heard, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

/** A GET that the test may abort, and what became of it. */
function begin(port: number, agent: Agent, method = 'GET') {
  const request = http.request({ host: '127.0.0.1', port, agent, method });
  const outcome = new Promise<string>((resolve) => {
    request.on('response', (response) => response.resume().on('end', () => resolve('answered')));
    request.on('error', (error) => resolve(error.message));
    request.on('close', () => resolve('closed'));
  });
  request.end();
  return { request, outcome };
}

test('a request that is aborted while it waits for its answer is not sent again when the connection ends', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const { request, outcome } = begin(b.port, agent);
  const socket = await b.next();
  request.destroy();
  socket.destroy();
  expect(await outcome).toBe('socket hang up');
  await wait(50);
  expect(b.heard).toHaveLength(1);
});

test('a request that is aborted while its replay connects is not sent', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const { request, outcome } = begin(b.port, agent);
  const socket = await b.next();
  const decided = (event: unknown) => void (event && request.destroy());
  subscribe(channels.hangUp, decided);
  onTestFinished(() => void unsubscribe(channels.hangUp, decided));
  socket.destroy();
  await outcome;
  await wait(50);
  expect(b.heard).toHaveLength(1);
  expect(recordedBytes()).toBe(0);
});

test('a request that is aborted after its replay was sent is not sent a third time', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const { request, outcome } = begin(b.port, agent);
  (await b.next()).destroy();
  const second = await b.next();
  request.destroy();
  second.destroy();
  expect(await outcome).toBe('socket hang up');
  await wait(50);
  expect(b.heard).toHaveLength(2);
});

test('a request that is aborted before its connection is there never reaches B', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  const { request, outcome } = begin(b.port, agent);
  request.destroy();
  expect(await outcome).toBe('socket hang up');
  await wait(50);
  expect(b.heard).toHaveLength(0);
});

test('a request whose user was told of a timeout is not sent again', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const request = http.get({ host: '127.0.0.1', port: b.port, agent, timeout: 60 });
  const failed = once(request, 'error');
  const socket = await b.next();
  await once(request, 'timeout');
  socket.destroy();
  const [error] = (await failed) as [Awaited<ReturnType<typeof failureOf>>];
  expect(error.hangUp.reason).toBe('aborted');
  expect(b.heard).toHaveLength(1);
});

test('an AbortSignal ends the request and its connection in every state', async () => {
  for (const after of ['at once', 'when heard', 'while replaying'] as const) {
    const b = await handOver();
    const agent = patientAgent(b);
    await ask({ port: b.port, agent });
    const control = new AbortController();
    const failed = failureOf(ask({ port: b.port, agent, signal: control.signal }));
    if (after !== 'at once') {
      const socket = await b.next();
      if (after === 'while replaying') {
        socket.destroy();
        await b.next();
      }
    }
    control.abort();
    expect((await failed).name).toBe('AbortError');
    expect(recordedBytes()).toBe(0);
  }
});

test('a replay whose connection does not come up ends with the hang-up and the reason, in its own time', async () => {
  const b = await handOver();
  let connects = 0;
  class FirstOnly extends Agent {
    override createConnection(...args: Parameters<Agent['createConnection']>) {
      return super.createConnection(...args);
    }
  }
  // an address in 192.0.2.0/24 would leave this machine: a lookup that never answers hangs as well and sends nothing
  const lookup: NonNullable<http.ClientRequestArgs['lookup']> = (_host, options, done) => {
    connects++;
    if (connects > 1) return;
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  };
  const agent = new FirstOnly({
    lookup,
    replayConnectTimeoutMs: 200,
    marginMs: 0,
    origins: { [`http://localhost:${b.port}`]: { idleLimitMs: 600_000 } },
  });
  onTestFinished(() => agent.destroy());
  await ask({ host: 'localhost', port: b.port, agent });
  const failed = failureOf(ask({ host: 'localhost', port: b.port, agent }));
  (await b.next()).destroy();
  const error = await failed;
  expect(error.hangUp).toMatchObject({ reason: 'replay-connect-failed', reused: true });
  expect(error.message).toContain('200 ms');
  expect(error.code).toBe('ECONNRESET');
});

test('a replay to a B that is gone says that the connection was refused', async () => {
  const b = await handOver();
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const failed = failureOf(ask({ port: b.port, agent }));
  await b.next();
  await b.close();
  const error = await failed;
  expect(error.hangUp.reason).toBe('replay-connect-failed');
  expect(error.message).toContain('ECONNREFUSED');
});

test('an abort while the first socket fails is told why it failed, as by a socket of Node', async () => {
  for (const Base of [http.Agent, Agent]) {
    const agent = new Base();
    onTestFinished(() => agent.destroy());
    agent.createConnection = (() => {
      const socket = new net.Socket();
      process.nextTick(() => socket.destroy(new Error('no route')));
      return socket;
    }) as never;
    const request = http.get({ host: '127.0.0.1', port: 9, agent });
    const failed = once(request, 'error');
    request.abort();
    expect((await failed)[0]).toMatchObject({ message: 'no route' });
  }
});
