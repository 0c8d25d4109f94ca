import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { serveB } from './run.js';

const project = path.join(import.meta.dirname, 'jest-project');
const LIMIT_MS = 30_000;

/** Runs Jest as a user does. It must end by itself: a connection or timer that is left keeps it from that. */
async function runJest(files: string, env: Record<string, string> = {}): Promise<{ ended: unknown; said: string }> {
  const b = await serveB('http:');
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const args = [jest, '--ci', '--no-cache', '--runInBand', files];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: project,
      env: { ...process.env, NO_COLOR: '1', HOLDLINE_B: b.origin, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ended: code ?? signal, said }));
  });
}

function expectPassed({ ended, said }: { ended: unknown; said: string }, tests: number): void {
  expect(said).toContain(`${tests} passed, ${tests} total`);
  expect(said).not.toContain('did not exit');
  expect(ended).toBe(0);
}

test('under fake timers requests are answered, replayed and fail, time out, and idle connections are let go', async () => {
  expectPassed(await runJest('.'), 6);
});

test('requests are answered, replayed and fail also where time is fake before Holdline is loaded', async () => {
  expectPassed(await runJest('requests', { FAKE_FROM: 'start' }), 4);
});
