import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { serveB } from './run.js';

const here = import.meta.dirname;
const root = path.join(here, '../../../..');
const LIMIT_MS = 30_000;

interface Ended {
  readonly by: unknown;
  readonly said: string;
}

/** Runs Jest as a user does. It must end by itself: a connection or timer that is left keeps it from that. */
function runJest(directory: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [jest, '--ci', '--runInBand', ...args], {
      cwd: directory,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ by: code ?? signal, said }));
  });
}

function expectPassed({ by, said }: Ended, tests: number): void {
  expect(said).toContain(`${tests} passed, ${tests} total`);
  expect(said).not.toContain('did not exit');
  expect(by).toBe(0);
}

test('under fake timers requests are answered, replayed and fail, time out, and idle connections are let go', async () => {
  const b = await serveB('http:');
  expectPassed(await runJest(path.join(here, 'jest-project'), [], { HOLDLINE_B: b.origin }), 7);
});

test('requests are answered, replayed and fail also where time is fake before Holdline is loaded', async () => {
  const b = await serveB('http:');
  const env = { HOLDLINE_B: b.origin, FAKE_FROM: 'start' };
  expectPassed(await runJest(path.join(here, 'jest-project'), ['requests'], env), 4);
});

test('each subpath of the packed and installed runtime is imported and required in Jest', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-jest-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const pack = [path.join(root, 'scripts/test/packed.mjs'), '--into', directory];
  await promisify(execFile)(process.execPath, pack, { timeout: LIMIT_MS });
  cpSync(path.join(here, 'jest-packed'), directory, { recursive: true });
  const { exports: subpaths } = JSON.parse(readFileSync(path.join(root, 'packages/holdline/package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const code = Object.values(subpaths).filter((target) => typeof target !== 'string').length;
  const env = { NODE_OPTIONS: '--experimental-vm-modules' };
  expectPassed(await runJest(directory, [], env), 2 * code);
});
