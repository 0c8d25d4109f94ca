import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RawClient } from '../server/raw-client.js';
import { bareEnvironment, wait } from '../support.js';
import { REGISTER } from './running.js';

/** Behind a load balancer that nobody has to wait for. */
const BEHIND = { HOLDLINE_BEHIND: 'aws-alb', HOLDLINE_DRAIN: '{ "noticeMs": 0 }' };

interface Serving {
  readonly child: ChildProcess;
  readonly port: number;
  readonly exit: Promise<[number | null, NodeJS.Signals | null]>;
  /** What it has printed, but for its port. */
  readonly lines: string[];
  readonly errors: string[];
}

/** Starts the program; with `env` also Holdline. */
async function serve(
  args: readonly string[],
  env?: Record<string, string>,
  cwd = import.meta.dirname,
): Promise<Serving> {
  const flags = env
    ? cwd === import.meta.dirname
      ? REGISTER
      : ['--import', import.meta.resolve('holdline/register')]
    : [];
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'serving.cjs'), ...args], {
    cwd,
    env: { ...bareEnvironment(), ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close') as Serving['exit'];
  const [lines, errors]: [string[], string[]] = [[], []];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await once(output, 'line');
  return { child, port: Number(lines.shift()), exit, lines, errors };
}

const LIMIT = /^Keep-Alive: timeout=65, limit-ms=66000\r$/m;

describe('under holdline/register and HOLDLINE_BEHIND a program that is not edited', () => {
  for (const way of ['http', 'https', 'http2']) {
    test(`is hardened and drained, serving by node:${way}`, async () => {
      const { child, port, exit, errors } = await serve([way], BEHIND);
      const a = await RawClient.open(port, way !== 'http');
      expect(await a.ask('/')).toMatch(LIMIT);
      child.kill('SIGTERM');
      await wait(200);
      expect(await a.ask('/'), 'what was on its way is answered').toMatch(/^HTTP\/1\.1 200[^]*^Connection: close\r$/m);
      a.socket.end();
      expect(await exit).toEqual([0, null]);
      expect(errors).toEqual([]);
    });
  }

  test('gets its signal when nothing is left to be lost, and does then what it does without', async () => {
    const bare = await serve(['http', 'closes']);
    bare.child.kill('SIGTERM');
    expect(await bare.exit).toEqual([3, null]);

    const { child, port, exit, lines, errors } = await serve(['http', 'closes'], BEHIND);
    const a = await RawClient.open(port);
    await a.ask('/');
    child.kill('SIGTERM');
    await wait(200);
    expect(lines, 'not yet').toEqual([]);
    expect(await a.ask('/')).toMatch(/^HTTP\/1\.1 200/);
    a.socket.end();
    expect(await exit).toEqual([3, null]);
    expect(lines).toEqual(bare.lines);
    expect(lines).toEqual(['SIGTERM closed']);
    expect(errors).toEqual([]);
  });

  test('ends at once at a second signal, or gets it', async () => {
    const endings = [];
    for (const end of ['', 'closes']) {
      const { child, port, exit } = await serve(['http', end], BEHIND);
      const a = await RawClient.open(port);
      await a.ask('/');
      child.kill('SIGTERM');
      await wait(200);
      expect(a.ended).toBe(false);
      child.kill('SIGTERM');
      endings.push(await exit);
    }
    expect(endings).toEqual([
      [null, 'SIGTERM'],
      [3, null],
    ]);
  });

  test('tells what was cut, and by its exit code that something was', async () => {
    const env = { ...BEHIND, HOLDLINE_DRAIN: '{ "noticeMs": 0, "limitMs": 200 }' };
    const { child, port, exit, errors } = await serve(['http'], env);
    const a = await RawClient.open(port);
    a.send('/never');
    await wait(100);
    child.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
    expect(errors.join('\n')).toMatch(/HOLDLINE_CUT.*CUT: 1 request/);
  });

  test('is hardened but ends as it did, where it is not to be drained', async () => {
    const { child, port, exit } = await serve(['http'], { ...BEHIND, HOLDLINE_DRAIN: 'false' });
    const a = await RawClient.open(port);
    expect(await a.ask('/')).toMatch(LIMIT);
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
  });

  test('keeps a server that it has hardened by itself', async () => {
    const { port, errors } = await serve(['hardened by itself'], BEHIND);
    const a = await RawClient.open(port);
    expect(await a.ask('/')).toMatch(/^Keep-Alive: timeout=9, limit-ms=10000\r$/m);
    expect(errors).toEqual([]);
  });

  test('is left as it is in mode observe, and without the setting', async () => {
    for (const env of [{ ...BEHIND, HOLDLINE: 'observe' }, {}]) {
      const { child, port, exit } = await serve(['http'], env);
      const a = await RawClient.open(port);
      expect(await a.ask('/')).toMatch(/^Keep-Alive: timeout=5\r$/m);
      child.kill('SIGTERM');
      expect(await exit).toEqual([null, 'SIGTERM']);
    }
  });

  test('may have it said in holdline.config.json', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'holdline-config-'));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    writeFileSync(join(cwd, 'holdline.config.json'), '{ "clientIdleMs": 10000, "drain": { "noticeMs": 0 } }');
    const { child, port, exit } = await serve(['http'], {}, cwd);
    const a = await RawClient.open(port);
    expect(await a.ask('/')).toMatch(/^Keep-Alive: timeout=15, limit-ms=16000\r$/m);
    a.socket.destroy();
    await wait(50);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  test('runs without Holdline where it is said wrongly, and is warned', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ HOLDLINE_BEHIND: 'apache' }, "in HOLDLINE_BEHIND: behind is 'apache'; expected 'aws-alb'"],
      [{ HOLDLINE_CLIENT_IDLE_MS: '1m' }, "in HOLDLINE_CLIENT_IDLE_MS: clientIdleMs is '1m'; expected ms"],
      [
        { ...BEHIND, HOLDLINE_DRAIN: '{ "log": true }' },
        'in HOLDLINE_DRAIN: drain.log is true; expected only noticeMs',
      ],
      [
        { ...BEHIND, HOLDLINE_DRAIN: 'true' },
        'in HOLDLINE_DRAIN: drain is true; expected false, or an object of times',
      ],
      [{ HOLDLINE_DRAIN: '{}' }, 'drain is {}; expected behind or clientIdleMs beside it'],
    ];
    for (const [env, complaint] of wrong) {
      const { port, errors } = await serve(['http'], env);
      const a = await RawClient.open(port);
      expect(await a.ask('/')).toMatch(/^Keep-Alive: timeout=5\r$/m);
      expect(errors.join('\n')).toContain(complaint);
      expect(errors.join('\n')).toContain('HOLDLINE_BAD_SETTING');
    }
  });
});
