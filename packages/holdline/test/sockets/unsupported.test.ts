import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import type { Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { HttpsAgent } from '../../src/index.js';
import { answer, bareEnvironment, failureOf, onRequests, serveRaw } from './support.js';

const fixtures = path.join(import.meta.dirname, 'fixtures');

/** A B that ends the connection over a request for `/unread` that is not the first on it. */
async function serveThatDies() {
  return serveRaw((socket) => {
    let served = 0;
    onRequests(socket, (head) => {
      if (served++ > 0 && head.includes('/unread')) socket.destroy();
      else socket.write(answer('ok'));
    });
  });
}

/** Runs a program on what looks like another runtime. */
async function run(simulated: string, { env = {}, flags = [], whose = 'holdline' }: Setup = {}) {
  const b = await serveThatDies();
  const simulation = ['--require', path.join(fixtures, 'other-runtime.cjs')];
  const args = [...simulation, ...flags, path.join(fixtures, 'step-aside.cjs'), b.origin, whose];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: { ...bareEnvironment(), SIMULATED: simulated, ...env },
  });
  return { ...JSON.parse(stdout), stderr } as {
    answers: unknown[];
    connects: number;
    warnings: { code: string; message: string }[];
    stderr: string;
  };
}

interface Setup {
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  readonly whose?: 'holdline' | 'node';
}

for (const [simulated, name] of [
  ['bun', 'Bun'],
  ['deno', 'Deno'],
  ['edge', 'an edge runtime'],
] as const) {
  test(`on ${name} the agents are that runtime's own, and say so once`, async () => {
    const { answers, connects, warnings, stderr } = await run(simulated);
    expect(answers).toEqual([200, 'socket hang up', 200, 'socket hang up']);
    expect(connects).toBe(0); // no Line was made
    expect(warnings.map(({ code }) => code)).toEqual(['HOLDLINE_UNSUPPORTED']);
    expect(warnings[0]?.message).toMatch(
      new RegExp(`^Holdline: this is ${name}, .* steps aside: .* Run on Node 20.19 or later`),
    );
    expect(stderr).toContain('HOLDLINE_UNSUPPORTED');
  });
}

test('who has switched Holdline off there is told nothing', async () => {
  expect((await run('bun', { env: { HOLDLINE: 'off' } })).warnings).toEqual([]);
});

test('holdline/register leaves a program there as it is, and says so', async () => {
  const flags = ['--import', path.join(import.meta.dirname, '../../dist/register.js')];
  const { answers, stderr } = await run('bun', { flags, whose: 'node' });
  expect(answers).toEqual([200, 'socket hang up']);
  expect(stderr.match(/HOLDLINE_UNSUPPORTED/g)).toHaveLength(1);
  expect((await run('node', { flags, whose: 'node' })).answers).toEqual([200, 200]);
});

test('on Node nothing is said, and the hang-up is cured', async () => {
  const { answers, warnings } = await run('node');
  expect(answers).toEqual([200, 200, 200, 200]);
  expect(warnings).toEqual([]);
});

/** A server that speaks HTTP/2 alone, and what Node is warned of. */
async function serveHttp2() {
  const read = (name: string) => readFileSync(path.join(fixtures, name));
  const server = http2.createSecureServer({ key: read('server.key'), cert: read('server.crt') }, (_, response) => {
    response.end('ok');
  });
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => void sockets.push(socket));
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const warnings: (Error & { code?: string })[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const { port } = server.address() as { port: number };
  return { port, warnings, ca: read('ca.crt') };
}

test('an https request that came to speak HTTP/2 fails as on Node, with one warning', async () => {
  const { port, warnings, ca } = await serveHttp2();
  const to = { host: '127.0.0.1', port, ca, servername: 'localhost' };
  const asked = (agent: https.Agent) =>
    failureOf(
      new Promise((resolve, reject) => void https.get({ ...to, agent }, resolve).on('error', reject)),
    ) as Promise<NodeJS.ErrnoException>;
  const options = { ALPNProtocols: ['h2', 'http/1.1'] };
  const [plain, agent] = [new https.Agent({ ...options, keepAlive: true }), new HttpsAgent(options)];
  onTestFinished(() => {
    plain.destroy();
    agent.destroy();
  });
  const expected = await asked(plain);
  for (let i = 0; i < 2; i++) expect((await asked(agent)).code).toBe(expected.code);
  expect(warnings.map(({ code }) => code)).toEqual(['HOLDLINE_UNSUPPORTED']);
  expect(warnings[0]?.message).toMatch(
    /^Holdline: https:\/\/127.0.0.1:\d+ .* HTTP\/2 .* Leave h2 out of ALPNProtocols/,
  );
});

test('node:http2 over a connection of the agent works: the Line only passes bytes', async () => {
  const { port, ca } = await serveHttp2();
  const agent = new HttpsAgent();
  onTestFinished(() => agent.destroy());
  const to = { host: '127.0.0.1', port, ca, servername: 'localhost', ALPNProtocols: ['h2'] };
  const socket = agent.createConnection(to);
  await once(socket, 'secureConnect');
  const session = http2.connect(`https://localhost:${port}`, { createConnection: () => socket });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(stream, 'end');
  expect(text).toBe('ok');
  expect(agent.counts().faults).toBe(0);
});
