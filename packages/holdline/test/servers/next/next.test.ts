import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import next from 'next';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeServer } from '../../sockets/server/describe-server.js';
import { RawClient } from '../../sockets/server/raw-client.js';
import { SLOW_MS } from '../../sockets/server/routes.js';
import { bareEnvironment, wait } from '../../sockets/support.js';

const dir = import.meta.dirname;
const env = {
  ...bareEnvironment(),
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  SLOW_MS: String(SLOW_MS),
} as const;

/** What it is built from was not changed since. */
function isBuilt(): boolean {
  const changedMs = (path: string) => statSync(join(dir, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(dir, 'app'), { recursive: true, encoding: 'utf8' }).map((path) => join('app', path));
  const builtMs = changedMs('.next/BUILD_ID');
  return ['package-lock.json', 'next.config.js', ...sources].every((path) => changedMs(path) < builtMs);
}

beforeAll(() => {
  if (isBuilt()) return;
  // ten seconds, of an otherwise idle machine
  execFileSync(process.execPath, [join(dir, 'node_modules/next/dist/bin/next'), 'build'], { cwd: dir, env });
}, 170_000);

describeServer('Next.js, of a server of its own,', async () => {
  Object.assign(process.env, env);
  const app = next({ dev: false, dir });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = http.createServer((request, response) => void handle(request, response));
  return {
    server,
    close: async () => {
      server.close();
      await app.close();
    },
  };
});

describe('the standalone server of Next.js, which nobody edits,', () => {
  async function serve(flags: readonly string[], settings: Record<string, string> = {}) {
    const port = await freePort();
    const child = spawn(process.execPath, [...flags, 'server.js'], {
      cwd: join(dir, '.next/standalone'),
      env: { ...env, PORT: String(port), HOSTNAME: '127.0.0.1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = once(child, 'close');
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    for await (const line of createInterface(child.stdout)) if (line.includes('Ready')) break;
    const a = await RawClient.open(port);
    const first = await a.ask('/ok');
    child.kill('SIGTERM');
    await wait(200);
    const afterSignal = await a.ask('/ok');
    a.socket.end();
    return { first, afterSignal, exit: await exit, errors: () => errors };
  }

  test('loses a request that comes after SIGTERM', async () => {
    const { first, afterSignal, exit } = await serve([]);
    expect(first).toMatch(/^HTTP\/1\.1 200[^]*^Keep-Alive: timeout=5\r$/m);
    expect(afterSignal).toBe('');
    expect(exit).toEqual([143, null]);
  });

  test('answers it under holdline/register and HOLDLINE_BEHIND, and then ends as it did', async () => {
    const register = ['--import', import.meta.resolve('holdline/register')];
    const behind = { HOLDLINE_BEHIND: 'aws-alb', HOLDLINE_DRAIN: '{ "noticeMs": 0 }' };
    const { first, afterSignal, exit, errors } = await serve(register, behind);
    expect(first).toMatch(/^HTTP\/1\.1 200[^]*^Keep-Alive: timeout=65, limit-ms=66000\r$/m);
    expect(afterSignal).toMatch(/^HTTP\/1\.1 200[^]*^Connection: close\r$/m);
    expect(exit).toEqual([143, null]);
    expect(errors()).not.toMatch(/error/i);
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
