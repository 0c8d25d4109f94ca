import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, type AgentOptions, channels, type HangUpEvent } from '../../src/index.js';
import { LIKELY_CLOSED_AFTER_MS } from '../../src/policy/checkout.js';
import { answer, ask, failureOf, onRequests, type Running, serveRaw, wait } from './support.js';

interface B extends Running {
  readonly executed: string[];
  /** What came in one piece, once a connection had been idle. */
  readonly pieces: string[];
}

/** Executes and answers all requests; `meets` is told of the first piece that comes on an idle first connection. */
async function serve(meets: (socket: Socket) => void = () => {}): Promise<B> {
  const executed: string[] = [];
  const pieces: string[] = [];
  const b = await serveRaw((socket, index) => {
    let served = 0;
    socket.on('data', (chunk) => {
      if (served === 0) return;
      pieces.push(chunk.toString('latin1'));
      if (pieces.length === 1 && index === 0) meets(socket);
    });
    onRequests(socket, (head, body) => {
      served++;
      executed.push(`${head.split(' ')[0]} ${body}`);
      socket.write(answer(body));
    });
  });
  return { ...b, executed, pieces };
}

/** Of this server nothing is known, and its idle connections are kept for long. */
function agentFor(options: AgentOptions = {}): Agent {
  const agent = new Agent({ unknownIdleLimitMs: 600_000, maxIdleMs: 600_000, marginMs: 0, ...options });
  onTestFinished(() => agent.destroy());
  return agent;
}

async function untilLikelyClosed(b: B, agent: Agent): Promise<void> {
  await ask({ port: b.port, agent });
  await wait(LIKELY_CLOSED_AFTER_MS + 20);
}

function hangUps(): HangUpEvent[] {
  const seen: HangUpEvent[] = [];
  const note = (event: unknown) => void seen.push(event as HangUpEvent);
  subscribe(channels.hangUp, note);
  onTestFinished(() => void unsubscribe(channels.hangUp, note));
  return seen;
}

for (const [how, end] of [
  ['closes', (socket: Socket) => socket.destroy()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['half-closes', (socket: Socket) => socket.end()],
] as const) {
  test(`a POST whose first byte meets a B that ${how} goes anew, and is executed once`, async () => {
    const b = await serve(end);
    const agent = agentFor();
    const events = hangUps();
    await untilLikelyClosed(b, agent);
    const charge = await ask({ port: b.port, agent, method: 'POST' }, 'charge 5');
    expect(charge).toMatchObject({ status: 200, body: 'charge 5' });
    expect(b.executed).toEqual(['GET ', 'POST charge 5']);
    expect(b.pieces).toEqual(['P']);
    expect(agent.counts()).toMatchObject({ connects: 2, feelers: 1, hangUps: 1, replays: 0, surfaced: 0 });
    expect(events).toMatchObject([{ verdict: 'replay', reason: 'unsent', evidence: 'unsent', reused: true }]);
  });
}

test('a POST arrives whole behind its first byte where B lives, over the connection that was kept', async () => {
  const b = await serve();
  const agent = agentFor();
  await untilLikelyClosed(b, agent);
  const charge = await ask({ port: b.port, agent, method: 'POST' }, 'charge 5');
  expect(charge).toMatchObject({ status: 200, body: 'charge 5', reused: true });
  expect(b.executed).toEqual(['GET ', 'POST charge 5']);
  expect(b.pieces[0]).toBe('P');
  expect(agent.counts()).toMatchObject({ connects: 1, feelers: 1, hangUps: 0 });
});

test('a POST that B executed behind its feeler is never sent again', async () => {
  const executed: string[] = [];
  const b = await serveRaw((socket) => {
    onRequests(socket, (head, body) => {
      executed.push(body);
      if (head.startsWith('POST')) socket.destroy();
      else socket.write(answer(''));
    });
  });
  const agent = agentFor();
  await untilLikelyClosed({ ...b, executed, pieces: [] }, agent);
  const error = await failureOf(ask({ port: b.port, agent, method: 'POST' }, 'charge 5'));
  expect(error.hangUp).toMatchObject({ verdict: 'surface', reason: 'no-evidence' });
  expect(executed).toEqual(['', 'charge 5']);
  expect(agent.counts()).toMatchObject({ feelers: 1 });
});

test('a user who aborts while a feeler is out has sent nothing, and no connection is opened for it', async () => {
  const b = await serve();
  const agent = agentFor();
  await untilLikelyClosed(b, agent);
  const controller = new AbortController();
  const asked = ask({ port: b.port, agent, method: 'POST', signal: controller.signal }, 'charge 5');
  const aborted = failureOf(asked);
  while (agent.counts().feelers === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  expect((await aborted).name).toBe('AbortError');
  await wait(20);
  expect(b.executed).toEqual(['GET ']);
  expect(agent.counts()).toMatchObject({ connects: 1, feelers: 1 });
});

test('no feeler goes ahead of what may run twice, where the limit is known, or where nothing is sent again', async () => {
  const b = await serve();
  const known = { [b.origin]: { idleLimitMs: 600_000 } };
  for (const [method, options] of [
    ['GET', {}],
    ['POST', { origins: known }],
    ['POST', { replay: 'never' }],
    ['POST', { mode: 'cutoff' }],
    ['POST', { mode: 'observe' }],
  ] as const) {
    const agent = agentFor(options);
    await untilLikelyClosed(b, agent);
    await ask({ port: b.port, agent, method });
    expect(agent.counts().feelers, `${method} ${JSON.stringify(options)}`).toBe(0);
  }
});
