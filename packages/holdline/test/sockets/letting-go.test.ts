import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Agent } from '../../src/index.js';
import { answer, ask, onRequests, patientAgent, serveHttp, serveRaw, stall, wait } from './support.js';

const ok: http.RequestListener = (_request, response) => void response.end('ok');

function agentWith(options: ConstructorParameters<typeof Agent>[0]): Agent {
  const agent = new Agent(options);
  onTestFinished(() => agent.destroy());
  return agent;
}

/** B in its own process, so that A's event loop may stall or A be suspended without B. */
async function startB(idleLimitMs: number) {
  const b = fork(path.join(import.meta.dirname, 'b-with-idle-limit.cjs'), [String(idleLimitMs)]);
  onTestFinished(() => void b.kill('SIGKILL'));
  const [port] = (await once(b, 'message')) as [number];
  return { port, origin: `http://127.0.0.1:${port}` };
}

describe('an idle connection is let go at its cutoff', () => {
  for (const [header, cutoffMs] of [
    ['timeout=2', 1_000],
    ['max=10, timeout=2', 1_000],
    ['TIMEOUT="2"', 1_000],
  ] as const) {
    test(`by the server's hint «${header}», which Node's own keep-alive agent ignores or not`, async () => {
      const b = await serveRaw((socket) =>
        onRequests(socket, () => socket.write(answer('ok', `Keep-Alive: ${header}`))),
      );
      const agent = agentWith({ keepAlive: true });
      await ask({ port: b.port, agent });
      const [socket] = b.accepted;
      const idleFrom = performance.now();
      if (socket) await once(socket, 'end');
      const idleMs = performance.now() - idleFrom;
      expect(idleMs).toBeGreaterThan(cutoffMs * 0.7);
      expect(idleMs).toBeLessThan(cutoffMs * 1.5);
    });
  }

  test('by what the user states, before what the server hints', async () => {
    const b = await serveRaw((socket) =>
      onRequests(socket, () => socket.write(answer('ok', 'Keep-Alive: timeout=60'))),
    );
    const agent = agentWith({ marginMs: 100, origins: { [b.origin]: { idleLimitMs: 400 } } });
    await ask({ port: b.port, agent });
    await wait(150);
    expect((await ask({ port: b.port, agent })).reused).toBe(true);
    await wait(500);
    expect((await ask({ port: b.port, agent })).reused).toBe(false);
    expect(agent.counts()).toMatchObject({ connects: 2, letGo: 1, hangUps: 0 });
  });

  test('and at the number of requests that the server allows, before one too many is sent', async () => {
    const b = await serveRaw((socket) =>
      onRequests(socket, () => socket.write(answer('ok', 'Keep-Alive: timeout=60, max=3'))),
    );
    const agent = agentWith({});
    for (let i = 0; i < 9; i++) await ask({ port: b.port, agent });
    expect(agent.counts()).toMatchObject({ requests: 9, connects: 3, letGo: 3, hangUps: 0 });
  });
});

test('after a stalled event loop a POST is not written to a connection that B has closed meanwhile', async () => {
  const b = await startB(300);
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  stall(500);
  // no turn of the loop has passed: the FIN waits in the kernel, and only a look can see it
  const second = await ask({ port: b.port, agent, method: 'POST' }, 'x');
  expect(second.status).toBe(200);
  expect(agent.counts()).toMatchObject({ hangUps: 0, surfaced: 0, connects: 2 });
});

test('A is suspended for longer than the limit (SIGSTOP, SIGCONT): its next POST goes on a new connection', async () => {
  const b = await startB(300);
  const a = fork(path.join(import.meta.dirname, 'a-that-is-suspended.cjs'), [String(b.port)]);
  onTestFinished(() => void a.kill('SIGKILL'));
  await once(a, 'message');
  a.kill('SIGSTOP');
  await wait(600);
  const told = once(a, 'message');
  a.send('post');
  a.kill('SIGCONT');
  const [result] = (await told) as [{ status: number; counts: { surfaced: number; connects: number } }];
  expect(result).toMatchObject({ status: 200, counts: { surfaced: 0, connects: 2 } });
});

test('a FIN on an idle connection takes it out of the pool in that moment', async () => {
  const b = await serveHttp(ok);
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  const gone = once(Object.values(agent.freeSockets).flat()[0] ?? b.server, 'close');
  b.accepted[0]?.end();
  await gone;
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(0);
});

test('bytes that nobody asked for end an idle connection and are never taken for an answer', async () => {
  const b = await serveRaw((socket, index) => {
    onRequests(socket, () => {
      socket.write(answer(`right ${index}`));
      if (index === 0) setTimeout(() => socket.write(answer('poison')), 20);
    });
  });
  const agent = patientAgent(b);
  expect((await ask({ port: b.port, agent })).body).toBe('right 0');
  await wait(60);
  expect((await ask({ port: b.port, agent })).body).toBe('right 1');
  expect(agent.counts()).toMatchObject({ letGo: 1, connects: 2 });
});

test('when one connection turns out to be closed, those that were idle as long go with it', async () => {
  const b = await startB(400);
  const agent = patientAgent(b);
  await Promise.all(Array.from({ length: 5 }, () => ask({ port: b.port, agent })));
  stall(700);
  await ask({ port: b.port, agent, method: 'POST' }, 'x');
  expect(agent.counts()).toMatchObject({ letGo: 5, connects: 6, looks: 1, hangUps: 0 });
});

test('B that closes at any moment under load: no GET fails', async () => {
  const b = await serveHttp((_request, response) => {
    response.end('ok');
    if (Math.random() < 0.2) response.socket?.end();
  });
  const agent = patientAgent(b, { budget: { ratio: 1, burst: 1_000 } });
  const one = async () => {
    for (let i = 0; i < 40; i++) expect((await ask({ port: b.port, agent })).body).toBe('ok');
  };
  await Promise.all(Array.from({ length: 20 }, one));
  expect(agent.counts().surfaced).toBe(0);
});

test('a large response that A reads slowly: idle time runs from its first byte, so that A lets go before B does', async () => {
  const large = 'x'.repeat(3_000_000);
  const b = await serveHttp((_request, response) => void response.end(large));
  const agent = agentWith({ marginMs: 0, origins: { [b.origin]: { idleLimitMs: 500 } } });
  await new Promise<void>((resolve) => {
    http.get({ host: '127.0.0.1', port: b.port, agent }, (response) => {
      response.once('readable', () => setTimeout(() => response.resume(), 600));
      response.on('end', () => setImmediate(resolve));
    });
  });
  // only just read to its end, but B's kernel may have taken the last byte long ago
  await ask({ port: b.port, agent });
  expect(agent.counts()).toMatchObject({ connects: 2, hangUps: 0 });
});

for (const scheduling of ['fifo', 'lifo'] as const) {
  test(`${scheduling} over 50 free sockets makes as many connections as Node's own agent`, async () => {
    const connects = async (agent: http.Agent) => {
      const b = await serveHttp(ok);
      const sizes = [50, 1, 20, 50, 3, 50, 10];
      for (const size of sizes) await Promise.all(Array.from({ length: size }, () => ask({ port: b.port, agent })));
      agent.destroy();
      return b.accepted.length;
    };
    const plain = await connects(new http.Agent({ keepAlive: true, scheduling }));
    expect(await connects(new Agent({ scheduling }))).toBe(plain);
    expect(plain).toBe(50);
  });
}
