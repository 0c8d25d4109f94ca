// A request has a new connection, and was not written yet: its caller opens it first, and has something to say later.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, type AgentOptions, channels, type FaultEvent } from '../../src/index.js';
import { until } from '../loopback.js';
import { answer, ask, onRequests, serveRaw, wait } from './support.js';

function agentWith(options: AgentOptions = {}): Agent {
  const agent = new Agent({ unknownIdleLimitMs: 600_000, maxIdleMs: 600_000, marginMs: 0, ...options });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** Opens a POST, and gives what becomes of it; it is written when the test says so. */
function open(port: number, agent: http.Agent) {
  const request = http.request({ host: '127.0.0.1', port, agent, method: 'POST' });
  const outcome = new Promise<string>((resolve) => {
    request.on('error', ({ message }) => resolve(message));
    request.on('response', (response) => {
      let text = `${response.statusCode} `;
      response.on('data', (part) => (text += part)).on('end', () => resolve(text));
    });
  });
  return { outcome, write: () => request.end('charge 5') };
}

test.each(['408 Request Timeout', '503 Service Unavailable'])(
  "an answer that does not wait for the request (%s) is its answer, as with Node's agent, and is told",
  async (status) => {
    const b = await serveRaw((socket) => {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone`);
    });
    const faults: string[] = [];
    const note = (event: unknown) => void faults.push((event as FaultEvent).error.message);
    subscribe(channels.fault, note);
    onTestFinished(() => void unsubscribe(channels.fault, note));
    const agents = [new http.Agent({ keepAlive: true }), agentWith()];
    const outcomes = await Promise.all(agents.map((agent) => open(b.port, agent).outcome));
    expect(outcomes).toEqual([`${status.slice(0, 3)} gone`, `${status.slice(0, 3)} gone`]);
    expect(faults).toEqual([expect.stringContaining('answered before a request was written')]);
    agents[0]?.destroy();
  },
);

const ends: Readonly<Record<string, (socket: Socket) => void>> = {
  'ends in order': (socket) => void socket.destroy(),
  'is reset': (socket) => void socket.resetAndDestroy(),
};
for (const [how, end] of Object.entries(ends)) {
  for (const [made, options] of [
    ['a connection', {}],
    ['a connection that a user made', { createConnection: (to: net.NetConnectOpts) => net.connect(to) }],
  ] as [string, AgentOptions][]) {
    test(`${made} that ${how} before its request is written is replaced when it is`, async () => {
      const b = await serveRaw((socket, index) => {
        if (index === 0) setTimeout(() => end(socket), 10);
        onRequests(socket, (_head, body) => socket.write(answer(body)));
      });
      const agent = agentWith();
      Object.assign(agent, options);
      const { outcome, write } = open(b.port, agent);
      await until(() => b.accepted[0]?.closed ?? false);
      await wait(20);
      write();
      expect(await outcome).toBe('200 charge 5');
      expect(agent.counts()).toMatchObject({ hangUps: 0, surfaced: 0, connects: 2 });
    });
  }
}

test('a connection whose request is written late is not let go under it, but replaced when it is too old', async () => {
  const b = await serveRaw((socket) => onRequests(socket, (_head, body) => socket.write(answer(body))));
  const agent = agentWith({ origins: { [b.origin]: { idleLimitMs: 100 } } });
  const { outcome, write } = open(b.port, agent);
  await until(() => b.accepted.length === 1);
  await ask({ port: b.port, agent }); // its connection is let go in time, and others that nobody holds would go with it
  await wait(250);
  expect(agent.counts().letGo).toBe(1);
  write();
  expect(await outcome).toBe('200 charge 5');
  expect(agent.counts()).toMatchObject({ letGo: 2, connects: 3 });
});
