import { expect, onTestFinished, test } from 'vitest';
import { openLink } from '../../../dist/lab/links/index.js';
import { whyNoPackets } from '../../../dist/lab/links/packets.js';
import { startProcess } from '../../../dist/lab/processes.js';
import { servers } from '../../../dist/lab/servers/index.js';
import type { ConnectionRecord } from '../../../src/lab/records.js';
import type { LinkRules, ServerSpec } from '../../../src/lab/roles.js';
import { full, startServer, temporaryDirectory } from './support.js';

const DELAY_MS = 100;

/** In A's namespace: one request, a pause, another one; a line for all that comes. */
const CLIENT = `
const [host, port, pauseMs] = process.argv.slice(1);
const socket = require('net').connect({ host, port, allowHalfOpen: true });
const send = (id) => socket.write('GET / HTTP/1.1\\r\\nHost: b\\r\\nX-Request-Id: ' + id + '\\r\\n\\r\\n');
const tell = (what) => console.log(what);
socket.once('data', () => setTimeout(() => { send('second'); setTimeout(() => { tell('over'); process.exit(); }, 700); }, pauseMs));
socket.on('data', () => tell('answer')).on('end', () => tell('fin')).on('error', () => tell('reset'));
send('first');
`;

async function twoRequests(rules: LinkRules, pauseMs: number) {
  const { link } = await openLink(temporaryDirectory(), 1, 'npm test', 'packets');
  onTestFinished(() => link.remove());
  const server = await startServer(servers.find(({ id }) => id === 'node') as ServerSpec, {
    host: link.serverHost,
    spawn: (command, words, env) => startProcess(link.on('B'), command, words, env),
  });
  const { one } = await link.connect({ one: server.port }, { delayMs: DELAY_MS, ...rules });
  const client = startProcess(link.on('A'), process.execPath, [
    '-e',
    CLIENT,
    one?.host ?? '',
    String(one?.port),
    String(pauseMs),
  ]);
  const seen: string[] = [];
  for (const what of ['answer', 'fin', 'reset']) {
    client.said(new RegExp(`^${what}$`)).then(
      () => seen.push(what),
      () => {},
    );
  }
  await client.said(/^over$/);
  const records = await link.stop();
  return { seen, executed: server.executed('second'), records };
}

const lack = whyNoPackets('npm test');

interface Case {
  readonly name: string;
  readonly rules: LinkRules;
  readonly pauseMs: number;
  /** What the client sees. A RST behind a FIN it does not: it has read the end. */
  readonly seen: readonly string[];
  readonly link: readonly ConnectionRecord['what'][];
}

const cases: readonly Case[] = [
  {
    name: 'a request crosses the FIN of a relay at B, and a RST answers it',
    rules: { closeIdleMs: 500 },
    pauseMs: 500 - DELAY_MS,
    seen: ['answer', 'fin'],
    link: ['fin', 'crossing', 'reset'],
  },
  {
    name: 'a late FIN is overtaken by the RST that was sent after it',
    rules: { closeIdleMs: 300, delayFinMs: 600 },
    pauseMs: 400,
    seen: ['answer', 'reset'],
    link: ['fin', 'crossing', 'reset'],
  },
  {
    name: 'a forgotten connection loses all, without a word',
    rules: { dropIdleMs: 300 },
    pauseMs: 600,
    seen: ['answer'],
    link: ['drop'],
  },
];

test.for(full ? cases : cases.slice(0, 1))('over packets $name', async ({ rules, pauseMs, seen, link }, { skip }) => {
  skip(lack !== undefined, `a link of packets needs ${lack?.what}: ${lack?.remedy}`);
  const done = await twoRequests(rules, pauseMs);
  expect([done.seen, done.executed]).toEqual([seen, 0]);
  const records = done.records.filter(({ what }) => what !== 'request' && what !== 'answer');
  expect(records.map(({ what }) => what)).toEqual(expect.arrayContaining([...link]));
  expect(records.filter(({ what }) => what === 'crossing').length).toBe(link.includes('crossing') ? 1 : 0);
  expect(records.every(({ client, connection }) => client === 'one' && connection === 0)).toBe(true);
});
