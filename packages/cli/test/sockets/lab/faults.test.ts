import { afterAll, beforeAll, expect, test } from 'vitest';
import { faults } from '../../../dist/lab/faults/index.js';
import { relayLink } from '../../../dist/lab/links/relay-link.js';
import { servers } from '../../../dist/lab/servers/index.js';
import { seededRandom } from '../../../dist/random.js';
import type { ConnectionRecord } from '../../../src/lab/records.js';
import type { Directive, Fault, Kind, Link, LinkRules, ServerSpec, World } from '../../../src/lab/roles.js';
import {
  type Ask,
  full,
  pass,
  RawClient,
  sharedServer,
  startServer,
  type TestServer,
  temporaryDirectory,
} from './support.js';

// Each fault, as a client sees it that speaks TCP and does nothing by itself.

const node = servers.find(({ id }) => id === 'node') as ServerSpec;
const plain = sharedServer(node);
const random = seededRandom(7);

function fault(id: string): Fault {
  const found = faults.find((each) => each.id === id);
  if (!found) throw new Error(`no fault ${id}; there are ${faults.map((each) => each.id).join(', ')}`);
  return found;
}

/** The first directive that a fault draws for a kind of request. */
function directiveOf(id: string, kind: Kind = 'POST', wanted: (directive: Directive) => boolean = () => true) {
  for (let step = 0; step < 10_000; step++) {
    const drawn = fault(id).directive?.({ id: String(step), kind, gapMs: 0, bodyBytes: 0 }, random);
    if (drawn && wanted(drawn)) return drawn;
  }
  throw new Error(`${id} draws nothing of the kind`);
}

/** A connection through a fault's link that has served one request. */
interface Linked {
  readonly client: RawClient;
  /** What the link saw; it carries nothing afterwards. */
  records(): Promise<readonly ConnectionRecord[]>;
}

const links: Link[] = [];
afterAll(() => Promise.all(links.map((link) => link.remove())));

async function through(id: string, server: TestServer, idlePart = 1, more: LinkRules = {}): Promise<Linked> {
  const rules = { ...fault(id).link, ...more };
  const link = relayLink(temporaryDirectory(), 1);
  links.push(link);
  // Limits are of seconds; what they do does not depend on how long they are.
  const quick = Object.fromEntries(
    Object.entries(rules).map(([name, value]) => [name, name.endsWith('IdleMs') ? Number(value) * idlePart : value]),
  );
  const at = await link.connect({ one: server.port }, quick);
  const client = await RawClient.connect(at['one']?.port ?? 0);
  expect(await client.ask('first')).toMatchObject({ status: 200 });
  return { client, records: () => link.stop() };
}

const QUICKER = 0.2;

test('none: nothing happens to an idle connection', async () => {
  const { client, records } = await through('none', await plain());
  await pass(100);
  expect(await client.ask('second')).toMatchObject({ status: 200 });
  expect((await records()).map(({ what }) => what)).toEqual(['open', 'request', 'answer', 'request', 'answer']);
});

test.each([
  ['idle-close-fin', 'fin', ''],
  ['idle-close-reset', 'reset', ''],
  ['idle-close-408', 'fin', 'HTTP/1.1 408'],
] as const)('%s: an idle connection ends', async (id, end, start) => {
  const { client, records } = await through(id, await plain(), QUICKER);
  expect(await client.end()).toBe(end);
  expect(client.rest.startsWith(start)).toBe(true);
  expect((await records()).map(({ from, what }) => `${from} ${what}`)).toContain(`B ${end}`);
});

// Two seconds; that the server does it by itself servers.test.ts shows too.
test.each(full ? ['server-idle-close'] : [])('%s: B closes by itself', async (id) => {
  const { idleLimitMs = 0 } = fault(id);
  const server = await startServer(node, { idleLimitMs });
  const client = await RawClient.connect(server.port);
  await client.ask('first');
  expect(await client.end()).toBe('fin');
});

test.each(['fin', 'reset'] as const)('close-anytime: B closes whenever it likes, by %s', async (by) => {
  const directive = directiveOf('close-anytime', 'GET', (drawn) => drawn.do === 'close-idle' && drawn.by === by);
  const client = await RawClient.connect((await plain()).port);
  await client.ask(`anytime ${by}`, { directive });
  expect(await client.end()).toBe(by);
});

test.each(['before', 'after', 'during'] as const)('crash-%s: B ends there', async (when) => {
  const server = await plain();
  for (const by of ['fin', 'reset'] as const) {
    const id = `crash-${when}-${by}`;
    const client = await RawClient.connect(server.port);
    expect(await client.ask(id, { method: 'POST', directive: directiveOf(id) })).toBe(by);
    expect([id, server.executed(id)]).toEqual([id, when === 'before' ? 0 : 1]);
  }
});

test('silent-drop: what is sent after the idle time is lost, and nobody says so', async () => {
  const server = await plain();
  const { client, records } = await through('silent-drop', server, QUICKER);
  await pass(600);
  client.send('lost');
  await pass(100);
  expect(client.events).toEqual(['bytes']);
  expect(server.executed('lost')).toBe(0);
  expect((await records()).at(-1)).toMatchObject({ from: 'link', what: 'drop' });
});

test('half-open: B has ended, takes what comes, and does not answer', async () => {
  const server = await plain();
  const { client } = await through('half-open', server, QUICKER);
  expect(await client.end()).toBe('fin');
  client.send('into the void');
  await pass(100);
  expect(client.events.at(-1)).toBe('fin');
  expect(server.executed('into the void')).toBe(0);
});

test('slow-close: B has ended, and reads on without executing', async () => {
  const server = await plain();
  const client = await RawClient.connect(server.port);
  await client.ask('slow', { directive: directiveOf('slow-close') });
  expect(await client.end()).toBe('fin');
  client.send('read and dropped');
  await pass(100);
  expect(client.events.at(-1)).toBe('fin');
  expect(server.executed('read and dropped')).toBe(0);
});

test('early-response: the answer is there before the body', async () => {
  const server = await plain();
  for (const status of [200, 413]) {
    const directive = directiveOf('early-response', 'POST', (drawn) => 'status' in drawn && drawn.status === status);
    const client = await RawClient.connect(server.port);
    client.send(`early ${status}`, { method: 'POST', body: 'held back', headOnly: true, directive });
    expect(await client.answer()).toMatchObject({ status });
  }
  expect(fault('early-response').directive?.({ id: '', kind: 'GET', gapMs: 0, bodyBytes: 0 }, random)).toBe(undefined);
});

test('max-requests: the last answer says so, and the connection ends', async () => {
  const { maxRequestsPerConnection = 0 } = fault('max-requests');
  const client = await RawClient.connect((await startServer(node, { maxRequestsPerConnection })).port);
  for (let number = 1; number <= maxRequestsPerConnection; number++) {
    const answer = await client.ask(`request ${number}`);
    expect(typeof answer === 'object' && /connection: close/i.test(answer.head)).toBe(
      number === maxRequestsPerConnection,
    );
  }
  expect(await client.end()).toBe('fin');
});

test('max-requests-silent: nothing says so, and the connection ends', async () => {
  const { client } = await through('max-requests-silent', await plain());
  for (let number = 2; number <= 5; number++) {
    expect(await client.ask(`silent ${number}`)).not.toMatchObject({ head: expect.stringMatching(/: close/) });
  }
  expect(await client.end()).toBe('fin');
});

test('split-answer: the answer comes in two parts, whole', async () => {
  const directive = directiveOf('split-answer', 'GET', (drawn) => drawn.do === 'split-answer' && drawn.pauseMs > 20);
  const client = await RawClient.connect((await plain()).port);
  expect(await client.ask('split', { directive })).toMatchObject({ status: 200, body: { id: 'split' } });
});

test.each([
  ['delay', 2 * 60],
  ['jitter', 2 * 5],
])('%s: an answer takes as long as the link', async (id, atLeastMs) => {
  const { client } = await through(id, await plain());
  const beganMs = performance.now();
  await client.ask('timed');
  expect(performance.now() - beganMs).toBeGreaterThan(atLeastMs);
});

test('reorder: a RST overtakes the FIN', async () => {
  expect(fault('reorder').link).toMatchObject({ closeIdleMs: expect.any(Number), delayFinMs: expect.any(Number) });
  // Longer, so that a request is sure to leave in between.
  const { client, records } = await through('reorder', await plain(), QUICKER, { delayFinMs: 1_000 });
  await pass(700);
  expect(await client.ask('crosses')).toBe('reset');
  expect(client.events).toEqual(['bytes', 'reset']);
  const seen = (await records()).map(({ from, what }) => `${from} ${what}`);
  expect(seen.slice(-4)).toEqual(['B fin', 'A request', 'link crossing', 'B reset']);
});

/** Runs what a fault does by itself against a server, faster than it would; a test looks after each deed. */
async function happen(id: string, server: TestServer, onDeed: (deed: string) => Promise<void>, deeds: number) {
  const abort = new AbortController();
  let seen: Promise<void> = Promise.resolve();
  let count = 0;
  const world: World = {
    server,
    stallClients: (forMs) => world.tell(`stall ${forMs}`),
    sleep: async () => {
      await seen;
      if (count >= deeds) abort.abort();
    },
    tell: (deed) => {
      count++;
      seen = onDeed(deed);
    },
  };
  await fault(id).happen?.(world, random, abort.signal);
}

test('restart: connections end, and the port is there again', async () => {
  const server = await startServer(node);
  const before = await RawClient.connect(server.port);
  await before.ask('before');
  await happen('restart', server, async () => {}, 1);
  expect(await before.end()).toBe('fin');
  const after = await RawClient.connect(server.port);
  expect(await after.ask('after')).toMatchObject({ status: 200 });
});

test('sigstop: B answers nothing, and everything afterwards', async () => {
  const server = await startServer(node);
  const client = await RawClient.connect(server.port);
  await client.ask('before');
  const deeds: string[] = [];
  await happen(
    'sigstop',
    server,
    async (deed) => {
      deeds.push(deed);
      if (deed !== 'SIGSTOP') return;
      client.send('meanwhile');
      await pass(100);
      expect(client.rest).toBe('');
    },
    2,
  );
  expect(deeds).toEqual(['SIGSTOP', 'SIGCONT']);
  expect(await client.answer()).toMatchObject({ body: { id: 'meanwhile' } });
});

test('stall-a: the clients are stalled', async () => {
  const deeds: string[] = [];
  await happen('stall-a', await plain(), async (deed) => void deeds.push(deed), 3);
  expect(deeds).toHaveLength(3);
});

test('stall-b: other connections get no answer meanwhile', async () => {
  const { port } = await plain();
  const [one, other] = [await RawClient.connect(port), await RawClient.connect(port)];
  await other.ask('warm');
  const directive: Directive = { ...directiveOf('stall-b'), do: 'stall', forMs: 200 };
  const what: Ask = { directive };
  one.send('stalls', what);
  await pass(50);
  const beganMs = performance.now();
  other.send('waits');
  expect(await one.answer()).toMatchObject({ status: 200 });
  expect(await other.answer()).toMatchObject({ status: 200 });
  expect(performance.now() - beganMs).toBeGreaterThan(20);
});

test('every fault has a test here', async () => {
  const tested = new Set([
    ...[
      'none',
      'idle-close-fin',
      'idle-close-reset',
      'idle-close-408',
      'server-idle-close',
      'close-anytime',
      'restart',
    ],
    ...['before', 'after', 'during'].flatMap((when) => ['exit', 'fin', 'reset'].map((by) => `crash-${when}-${by}`)),
    ...['sigstop', 'stall-b', 'stall-a', 'silent-drop', 'half-open', 'slow-close', 'early-response', 'max-requests'],
    ...['max-requests-silent', 'split-answer', 'delay', 'jitter', 'reorder'],
  ]);
  expect(faults.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
});

beforeAll(async () => void (await plain()));
