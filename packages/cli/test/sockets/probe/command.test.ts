import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answering, listen } from './b.js';

const main = path.join(import.meta.dirname, '../../../dist/main.js');
const schema = path.join(import.meta.dirname, '../../../schemas/probe.schema.json');

function start(args: readonly string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
} {
  const child = spawn(process.execPath, [main, 'probe', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) };
}

const holdline = (...args: readonly string[]) => start(args).ended;
const quick = ['--connections', '6', '--max-wait', '2s'];

describe('the exit status', () => {
  test('is 0 in order, and 1 at a mismatch with what is expected', async () => {
    const { port } = await answering({ limitMs: 300 });
    const url = `127.0.0.1:${port}`;
    const [asExpected, otherwise, tooLong] = await Promise.all([
      holdline(url, ...quick, '--expect', '300ms', '--client-idle', '100ms'),
      holdline(url, ...quick, '--expect', '60s'),
      holdline(url, ...quick, '--client-idle', '1s'),
    ]);
    expect(asExpected).toMatchObject({ code: 0, stderr: '' });
    expect(otherwise).toMatchObject({ code: 1, stdout: expect.stringContaining('[expect-mismatch]') });
    expect(tooLong).toMatchObject({ code: 1, stdout: expect.stringContaining('[client-too-long]') });
  });

  test('is 2 if nothing could be measured, and the screen says why', async () => {
    const { port } = await listen((socket) => socket.write('220 mail.example ESMTP\r\n'));
    const { code, stdout } = await holdline(`127.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stdout).toContain('[not-http]');
  });

  test.each([
    [[], "missing argument 'url'"],
    [['gopher://b.example'], "'gopher://b.example' is no URL to probe"],
    [['b.example', '--expect', 'soon'], 'such as 250ms, 5s or 10m'],
    [['b.example', '--client', 'pigeon'], 'Expected one of: node-agent'],
    [['b.example', '--connections', '1'], 'connections is 1: expected a number from 3'],
    [['b.example', '--json', '--markdown'], 'cannot be used with'],
    [['--explain', 'magic'], "no finding is called 'magic'"],
  ])('is 2 for bad usage, %j, with the reason on stderr', async (args, message) => {
    const { code, stdout, stderr } = await holdline(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('Ctrl-C in the middle prints what is known', async () => {
  const connections = 6;
  let requests = 0;
  let interrupt = () => {};
  const answer = () => {
    // One for each connection but the unused one, the greeting, and then one that shows an idle time.
    if (++requests > connections) setTimeout(() => interrupt(), 100);
    return 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  };
  const { port } = await answering({ answer });
  const { child, ended } = start([`127.0.0.1:${port}`, '--connections', String(connections), '--max-wait', '60s']);
  interrupt = () => child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(stdout).toContain('[interrupted]');
  expect(stdout).toMatch(/Idle limit {3}more than \d/);
});

test('--json prints one object, as the published schema says', async () => {
  const { port } = await answering({ limitMs: 300 });
  const { stdout, code } = await holdline(
    `127.0.0.1:${port}`,
    'http://127.0.0.1:1',
    '--json',
    '--max-requests',
    '5',
    ...quick,
  );
  const printed = JSON.parse(stdout);
  const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));
  validate(printed);
  expect(validate.errors).toBeNull();
  expect(printed.results.map((each: { outcome: string }) => each.outcome)).toEqual(['in-order', 'not-measured']);
  expect(code).toBe(2);
});

test('without a terminal there is nothing but plain lines of at most 80 columns, at the end', async () => {
  const { port } = await answering({ limitMs: 300 });
  const { stdout } = await holdline(`127.0.0.1:${port}`, ...quick, '--client', 'got');
  // oxlint-disable-next-line eslint/no-control-regex -- that is what must not be there
  expect(stdout).not.toMatch(/[\x1b\r]/);
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('    '))).toEqual([]);
  expect(stdout).toContain("import got from 'got';");
});

test('--explain says what a finding means', async () => {
  const { code, stdout } = await holdline('--explain', 'silent-drop');
  expect(code).toBe(0);
  expect(stdout).toContain('has forgotten the connection');
});
