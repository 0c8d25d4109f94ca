import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, get } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { channels, type HangUpEvent, type LetGoEvent } from '../events/channels.js';
import { MemoryNetwork, VirtualAgent, VirtualMachine } from '../testing/index.js';
import type { HoldlineOptions } from './options.js';

/** B in memory, an agent that observes, and what it tells. */
function observing(options: HoldlineOptions = {}) {
  const network = new MemoryNetwork(new VirtualMachine());
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('ok'));
  network.listen((socket) => server.emit('connection', socket));
  const agent = new VirtualAgent(network, { mode: 'observe', ...options });
  const letGo: LetGoEvent[] = [];
  const hangUps: HangUpEvent[] = [];
  const noteLetGo = (event: unknown) => void letGo.push(event as LetGoEvent);
  const noteHangUp = (event: unknown) => void hangUps.push(event as HangUpEvent);
  subscribe(channels.letGo, noteLetGo);
  subscribe(channels.hangUp, noteHangUp);
  onTestFinished(() => {
    unsubscribe(channels.letGo, noteLetGo);
    unsubscribe(channels.hangUp, noteHangUp);
    agent.destroy();
  });
  /** Begins a request; all of them come to their end with the network's next flow. */
  const ask = () =>
    new Promise<string>((resolve) => {
      get({ host: 'b', agent }, (response) => response.resume().on('end', () => resolve('answered'))).on(
        'error',
        ({ message }) => resolve(message),
      );
    });
  return { network, agent, letGo, hangUps, ask };
}

async function end<Result>(network: MemoryNetwork, ...asked: Promise<Result>[]): Promise<Result[]> {
  await network.flow();
  return Promise.all(asked);
}

test('a connection past its cutoff is used all the same, and is told to be one that on would let go', async () => {
  const { network, agent, letGo, ask } = observing();
  await end(network, ask());
  await network.machine.clock.advance(4_000);
  expect(await end(network, ask())).toEqual(['answered']);
  expect(network.connections).toHaveLength(1);
  expect(letGo).toMatchObject([{ reason: 'cutoff', idleMs: 4_000, requests: 1, observed: true }]);
  expect(agent.counts()).toMatchObject({ letGo: 0, wouldLetGo: 1, connects: 1 });
});

test('a hang-up there is told as avoided, once', async () => {
  const { network, agent, letGo, hangUps, ask } = observing();
  await end(network, ask());
  await network.machine.clock.advance(4_000);
  network.connections[0]?.serverSocket.destroy();
  expect(await end(network, ask())).toEqual(['socket hang up']);
  expect(hangUps).toMatchObject([{ verdict: 'let-go', reason: 'cutoff', observed: true }]);
  expect(letGo).toHaveLength(1);
  expect(agent.counts()).toMatchObject({ hangUps: 1, surfaced: 1, wouldLetGo: 1, wouldReplay: 0, wouldSurface: 0 });
});

test('after a hang-up the siblings that on would have let go of are told when they are used', async () => {
  const { network, agent, letGo, hangUps, ask } = observing();
  await end(network, ask(), ask());
  await network.machine.clock.advance(1_000);
  network.connections[1]?.serverSocket.destroy();
  expect(await end(network, ask())).toEqual(['socket hang up']);
  expect(await end(network, ask())).toEqual(['answered']);
  expect(hangUps).toHaveLength(1);
  expect(letGo.map(({ reason, observed }) => [reason, observed])).toEqual([
    ['closed', true],
    ['sibling', true],
  ]);
  expect(agent.counts()).toMatchObject({ connects: 2, letGo: 0, wouldLetGo: 2 });
});

test('what on would send again spends the budget that on would spend', async () => {
  const { network, hangUps, ask } = observing({ budget: { ratio: 0, perSecond: 0, burst: 1 } });
  for (let round = 0; round < 2; round++) {
    await end(network, ask());
    await network.machine.clock.advance(1);
    const asked = ask();
    network.connections[round]?.serverSocket.destroy();
    await end(network, asked);
  }
  expect(hangUps.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['replay', 'idempotent'],
    ['surface', 'budget-empty'],
  ]);
});
