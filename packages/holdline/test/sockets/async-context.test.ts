import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http, { type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Agent, channels } from '../../src/index.js';
import { answer, onRequests, patientAgent, type Running, serveRaw } from './support.js';

const tenant = new AsyncLocalStorage<string>();

/** Answers the first request of each connection; what becomes of the others is for the test to say. */
async function serve(others: (socket: Socket) => void): Promise<Running> {
  return serveRaw((socket) => {
    let served = 0;
    onRequests(socket, () => {
      served++;
      if (served === 1) socket.write(answer('ok'));
      else others(socket);
    });
  });
}

interface Options extends http.RequestOptions {
  readonly agent: Agent;
}

interface Seen {
  /** The tenant in whose context each event came. */
  readonly events: Record<string, string | undefined>;
  readonly reused: boolean;
}

/** Makes a request in a tenant's context, and notes in whose context each of its events comes. */
function ask(who: string, options: Options, body?: string): Promise<Seen> {
  return tenant.run(who, () => {
    const events: Record<string, string | undefined> = {};
    const note = (event: string) => () => void (events[event] = tenant.getStore());
    return new Promise((resolve) => {
      const request = http.request({ host: '127.0.0.1', ...options });
      for (const event of ['finish', 'timeout', 'error', 'close']) request.on(event, note(event));
      request.on('socket', (socket) => {
        const timedOut = note('socket timeout');
        const failed = note('socket error');
        socket.on('timeout', timedOut).on('error', failed);
        request.on('close', () => socket.off('timeout', timedOut).off('error', failed));
      });
      request.on('response', (response: IncomingMessage) => {
        note('response')();
        response.on('data', note('data')).on('end', note('end'));
      });
      request.on('close', () => setImmediate(() => resolve({ events, reused: request.reusedSocket })));
      request.end(body, note('written'));
    });
  });
}

function expectAllIn(who: string, { events }: Seen, ...names: string[]): void {
  for (const name of names) expect(Object.keys(events), `${name} came`).toContain(name);
  expect(new Set(Object.values(events)), JSON.stringify(events)).toEqual(new Set([who]));
}

test('the second request on a connection is answered in its own context, not in that of the first', async () => {
  const b = await serve((socket) => socket.write(answer('again')));
  const agent = patientAgent(b);
  await ask('first tenant', { port: b.port, agent });
  const second = await ask('second tenant', { port: b.port, agent });
  expect(second.reused).toBe(true);
  expectAllIn('second tenant', second, 'response', 'data', 'end', 'close', 'written', 'finish');
});

for (const ending of ['destroy', 'resetAndDestroy'] as const) {
  test(`a hang-up by ${ending} that surfaces reaches the log of the tenant whose request it was`, async () => {
    const b = await serve((socket) => void socket[ending]());
    const agent = patientAgent(b);
    let decidedIn: string | undefined;
    const decided = () => void (decidedIn = tenant.getStore());
    subscribe(channels.hangUp, decided);
    onTestFinished(() => void unsubscribe(channels.hangUp, decided));
    await ask('first tenant', { port: b.port, agent });
    const second = await ask('second tenant', { port: b.port, agent, method: 'POST' }, 'x');
    expect(second.reused).toBe(true);
    expectAllIn('second tenant', second, 'error', 'socket error', 'close');
    expect(decidedIn).toBe('second tenant');
  });
}

test('the answer to a request that was sent again comes in its context, over whatever connection', async () => {
  const b = await serve((socket) => socket.destroy());
  const agent = patientAgent(b);
  await ask('first tenant', { port: b.port, agent });
  const second = await ask('second tenant', { port: b.port, agent });
  expect(agent.counts()).toMatchObject({ replays: 1, surfaced: 0 });
  expectAllIn('second tenant', second, 'response', 'data', 'end', 'close');
});

test('a timeout is told in the context of the request that it is for', async () => {
  const b = await serve(() => {});
  const agent = patientAgent(b);
  await ask('first tenant', { port: b.port, agent });
  const second = await tenant.run('second tenant', () => {
    const events: Record<string, string | undefined> = {};
    return new Promise<Seen>((resolve) => {
      const request = http.get({ host: '127.0.0.1', port: b.port, agent, timeout: 30 });
      request.on('timeout', () => {
        events['timeout'] = tenant.getStore();
        request.destroy();
      });
      request.on('error', () => void (events['error'] = tenant.getStore()));
      request.on('close', () => resolve({ events, reused: request.reusedSocket }));
    });
  });
  expect(second.reused).toBe(true);
  expectAllIn('second tenant', second, 'timeout', 'error');
});
