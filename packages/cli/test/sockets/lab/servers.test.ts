import { expect, test } from 'vitest';
import { servers } from '../../../dist/lab/servers/index.js';
import type { Directive, ServerSpec } from '../../../src/lab/roles.js';
import { type Answer, full, pass, RawClient, sharedServer, type TestServer } from './support.js';

/** One that is ours, and one that stands in front of it; the others take half a minute. */
const QUICK = new Set(['node', 'nginx']);
const tested = servers.filter(({ id }) => full || QUICK.has(id));

const LIMIT_MS = 1_200;

const answered = (id: string) => ({ status: 200, body: { id, done: true } });

/** Asks until B is there again. */
async function askOnceUp(port: number, id: string): Promise<Answer | 'fin' | 'reset'> {
  for (;;) {
    try {
      const client = await RawClient.connect(port);
      const answer = await client.ask(id, { method: 'POST', body: 'x' });
      if (typeof answer !== 'string') return answer;
    } catch {
      // Its port refuses in the meantime.
    }
    await pass(10);
  }
}

const plainServers = new Map(tested.map((spec) => [spec, sharedServer(spec)]));
const limits = { idleLimitMs: LIMIT_MS, maxRequestsPerConnection: 2 };
const limitedServers = new Map(tested.map((spec) => [spec, sharedServer(spec, limits)]));

/** The server, which the tests share, or a skip. */
async function running(
  spec: ServerSpec,
  skip: (condition: boolean, reason: string) => void,
  shared = plainServers,
): Promise<TestServer> {
  const lack = await spec.lack?.();
  skip(lack !== undefined, `${lack?.what} is missing: ${lack?.remedy}`);
  const start = shared.get(spec);
  if (!start) throw new Error(`${spec.id} is not among those tested`);
  return start();
}

const obeying = (what: Directive['do']) => tested.filter(({ obeys }) => obeys.includes(what));

test.for(tested)(
  '$title executes what it is asked, and the ledger has it when the answer is there',
  async (spec, { skip }) => {
    const server = await running(spec, skip);
    expect(server.version).toMatch(/^[A-Za-z]+\/\d+\.\d+/);
    const client = await RawClient.connect(server.port);
    for (const [id, what, kind] of [
      ['g1', {}, 'GET'],
      ['p1', { method: 'POST', body: 'some body' }, 'POST'],
      ['k1', { method: 'POST', key: 'k1', body: '' }, 'keyed POST'],
    ] as const) {
      expect(await client.ask(id, what)).toMatchObject(answered(id));
      expect(server.ledger()).toContainEqual(expect.objectContaining({ event: 'executed', client: 'one', id, kind }));
    }
    const other = await RawClient.connect(server.ports['two'] ?? 0);
    await other.ask('g2');
    expect(server.ledger()).toContainEqual(expect.objectContaining({ client: 'two', id: 'g2', effect: true }));
  },
);

test.for(tested)(
  '$title honours keys and restarts on its port; an answer that was stored outlives the process',
  async (spec, { skip }) => {
    const server = await running(spec, skip);
    const before = await RawClient.connect(server.port);
    const keyed = { method: 'POST', key: 'key', body: 'x' } as const;
    expect(await before.ask('first', keyed)).toMatchObject(answered('first'));
    await server.restart();
    expect(await before.end()).toBe('fin');
    const after = await RawClient.connect(server.port);
    expect(await after.ask('second', keyed)).toMatchObject(answered('first'));
    const effects = server.ledger().flatMap((entry) => {
      return entry.event === 'executed' && entry.key === 'key' ? [entry.effect] : [];
    });
    expect(effects).toEqual([true, false]);
  },
);

test.for(tested)('$title closes an idle connection, and not before its limit', async (spec, { skip }) => {
  const server = await running(spec, skip, limitedServers);
  const client = await RawClient.connect(server.port);
  await client.ask('one');
  const idleSince = performance.now();
  expect(await client.end()).toBe('fin');
  // Timers of some servers count from the request, or in steps.
  expect(performance.now() - idleSince).toBeGreaterThan(LIMIT_MS * 0.9);
});

test.for(tested)('$title stands still while it is paused, and then goes on', async (spec, { skip }) => {
  const server = await running(spec, skip);
  const client = await RawClient.connect(server.port);
  await client.ask('before');
  server.pause();
  client.send('meanwhile');
  await pass(100);
  expect(client.events).not.toContain('fin');
  expect(client.rest).toBe('');
  server.resume();
  expect(await client.answer()).toMatchObject(answered('meanwhile'));
});

test.for(tested.filter(({ countsRequests }) => countsRequests))(
  '$title ends a connection that has carried as many requests as it may',
  async (spec, { skip }) => {
    const server = await running(spec, skip, limitedServers);
    const client = await RawClient.connect(server.port);
    expect(await client.ask('one')).not.toMatchObject({ head: expect.stringMatching(/connection: close/i) });
    expect(await client.ask('two')).toMatchObject({ head: expect.stringMatching(/connection: close/i) });
    expect(await client.end()).toBe('fin');
  },
);

test.for(obeying('crash'))('$title crashes as told, once, and loses nothing it answered', async (spec, { skip }) => {
  const server = await running(spec, skip);
  for (const when of ['before', 'after', 'during'] as const) {
    for (const by of ['fin', 'reset', 'exit'] as const) {
      const id = `${when}-${by}`;
      const directive: Directive = { do: 'crash', when, by };
      const client = await RawClient.connect(server.port);
      const end = await client.ask(id, { method: 'POST', body: 'x', directive });
      if (by !== 'exit') expect([id, end]).toEqual([id, by]);
      expect([id, client.rest !== '']).toEqual([id, when === 'during']);
      expect([id, server.executed(id)]).toEqual([id, when === 'before' ? 0 : 1]);
      await askOnceUp(server.port, `${id} again`);
      const again = await RawClient.connect(server.port);
      expect(await again.ask(id, { method: 'POST', body: 'x', directive })).toMatchObject(answered(id));
    }
  }
});

test.for(obeying('close-idle'))('$title closes a connection when it is told to', async (spec, { skip }) => {
  const server = await running(spec, skip);
  for (const by of ['fin', 'reset', '408'] as const) {
    const client = await RawClient.connect(server.port);
    await client.ask(`close ${by}`, { directive: { do: 'close-idle', afterMs: 20, by } });
    const end = await client.end();
    expect(end).toBe(by === 'reset' ? 'reset' : 'fin');
    expect(client.rest.startsWith('HTTP/1.1 408')).toBe(by === '408');
  }
  const busy = await RawClient.connect(server.port);
  await busy.ask('close later', { directive: { do: 'close-idle', afterMs: 60, by: 'fin' } });
  // A request in time calls it off.
  await busy.ask('in time');
  await pass(100);
  expect(await busy.ask('still there')).toMatchObject(answered('still there'));
});

test.for(obeying('answer-early'))('$title answers before the body is there', async (spec, { skip }) => {
  const server = await running(spec, skip);
  for (const [status, executed] of [
    [200, 1],
    [413, 0],
  ] as const) {
    const id = `early ${status}`;
    const client = await RawClient.connect(server.port);
    client.send(id, { method: 'POST', body: 'later', headOnly: true, directive: { do: 'answer-early', status } });
    expect(await client.answer()).toMatchObject({ status, body: { id, done: executed === 1 } });
    expect(server.executed(id)).toBe(executed);
    client.sendRaw('later');
    expect(await client.ask('next')).toMatchObject(answered('next'));
  }
});

test.for(obeying('split-answer'))('$title splits an answer at any byte', async (spec, { skip }) => {
  const server = await running(spec, skip);
  for (const at of [1, 100]) {
    const client = await RawClient.connect(server.port);
    client.send(`split ${at}`, { directive: { do: 'split-answer', at, pauseMs: 300 } });
    expect(await client.answer()).toMatchObject(answered(`split ${at}`));
    expect(client.events).toEqual(['bytes', 'bytes']);
  }
});

test.for(obeying('close-slowly'))('$title closes slowly: half-closed, it executes nothing', async (spec, { skip }) => {
  const server = await running(spec, skip);
  const client = await RawClient.connect(server.port);
  await client.ask('one', { directive: { do: 'close-slowly', afterMs: 10, forMs: 150 } });
  expect(await client.end()).toBe('fin');
  client.send('too late');
  await pass(50);
  expect(client.events).not.toContain('reset');
  expect(server.executed('too late')).toBe(0);
});

test.for(obeying('stall'))('$title stalls, and goes on', async (spec, { skip }) => {
  const server = await running(spec, skip);
  const client = await RawClient.connect(server.port);
  const began = performance.now();
  expect(await client.ask('stall', { directive: { do: 'stall', forMs: 150 } })).toMatchObject(answered('stall'));
  expect(performance.now() - began).toBeGreaterThan(140);
});
