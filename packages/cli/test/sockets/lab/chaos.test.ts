import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { servers } from '../../../dist/lab/servers/index.js';
import type { ServerSpec } from '../../../src/lab/roles.js';
import { pass, RawClient, sharedServer } from './support.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const server = sharedServer(servers.find(({ id }) => id === 'node') as ServerSpec);

interface Run {
  readonly lines: string[];
  /** Resolves with the first line that fits. */
  said(pattern: RegExp): Promise<string>;
  readonly child: ChildProcess;
  readonly exitCode: Promise<number>;
}

function run(...words: string[]): Run {
  const child = spawn(process.execPath, [MAIN, 'chaos', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const look = () => {
        const found = lines.find((line) => pattern.test(line));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { lines, said, child, exitCode: once(child, 'close').then(([code]) => code as number) };
}

const portOf = (line: string) => Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);

test('chaos tells of a request that met an idle close, and Ctrl-C ends it with the totals', async () => {
  const { port } = await server();
  const to = `http://127.0.0.1:${port}`;
  // The first request needs 300 ms to B, handshake and all: it must come before the limit.
  const chaos = run('--to', to, '--delay', '100ms', '--close-idle', '1s');
  const client = await RawClient.connect(portOf(await chaos.said(/→/)));
  expect(await client.ask('chaos')).toMatchObject({ status: 200 });
  await chaos.said(/idle for 1 s: closed, FIN/);
  // The FIN needs 100 ms to arrive.
  expect(await client.ask('crosses')).toBe('fin');
  await chaos.said(/met the close, .* after it: a crossing/);
  chaos.child.kill('SIGINT');
  expect(await chaos.exitCode).toBe(0);
  const text = chaos.lines.join('\n');
  expect(text).toMatch(/^ {2}connections +1$/m);
  expect(text).toMatch(/^ {2}closed by the faults +1$/m);
  expect(text).toMatch(/^ {4}of these, crossings +1 /m);
  expect(chaos.lines.filter((line) => line.length > 80)).toEqual([]);
});

test('chaos --json gives one object a line, and ends by itself after --duration', async () => {
  const { port } = await server();
  const chaos = run('--to', `http://127.0.0.1:${port}`, '--drop-idle', '200ms', '--json', '--duration', '1s');
  const client = await RawClient.connect(portOf(await chaos.said(/listening/)));
  await client.ask('json');
  await chaos.said(/forget/);
  client.send('lost');
  expect(await chaos.exitCode).toBe(0);
  const events = chaos.lines.map((line) => JSON.parse(line) as { what: string });
  expect(events.map(({ what }) => what)).toEqual(['listening', 'open', 'forget', 'drop', 'end']);
  expect(events.at(-1)).toMatchObject({ connections: 1, closedByRules: 1, metClose: 0, dropped: 1 });
});

test('while B is away chaos refuses as B would, and serves again when B is back', async () => {
  const running = await server();
  const chaos = run('--to', `http://127.0.0.1:${running.port}`, '--json');
  const port = portOf(await chaos.said(/listening/));
  const restarting = running.restart();
  // B lets go of its port at once, and needs a while to start.
  let refused = false;
  for (let tries = 0; tries < 500 && !refused; tries++) {
    try {
      (await RawClient.connect(port)).close();
    } catch (error) {
      refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    }
    await pass(1);
  }
  await restarting;
  expect(refused).toBe(true);
  expect(chaos.lines.some((line) => line.includes('"unreachable"'))).toBe(true);
  for (;;) {
    const client = await RawClient.connect(port).catch(() => undefined);
    if (client && typeof (await client.ask('back')) === 'object') break;
    await pass(10);
  }
});

test('options that make no sense end with 2, and the remedy', async () => {
  const chaos = run('--to', 'http://127.0.0.1:1', '--rst');
  expect(await chaos.exitCode).toBe(2);
  expect(chaos.lines.join()).toMatch(/^holdline: --rst says how --close-idle or --max-requests closes: state one/);
});

test('a port that is taken is told in one line, with the remedy', async () => {
  const { port } = await server();
  const chaos = run('--to', 'http://127.0.0.1:1', '--listen', String(port));
  expect(await chaos.exitCode).toBe(1);
  expect(chaos.lines).toEqual([
    `holdline: port ${port} on 127.0.0.1 is taken: choose another with --listen, or leave it out to get a free one`,
  ]);
});
