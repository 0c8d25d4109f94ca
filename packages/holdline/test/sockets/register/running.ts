// Runs programs that know nothing of Holdline, against a server that hangs up.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answer, bareEnvironment, listen, onRequests, type Running } from '../support.js';

export const fixtures = join(import.meta.dirname, '../fixtures');

/** What a program prints that asks thrice. */
export const HUNG_UP = '200 ECONNRESET 200';
export const CURED = '200 200 200';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export const REGISTER = ['--import', 'holdline/register'];

/** Runs a program with nothing of the test's own settings, and what it prints. */
export async function run(
  args: readonly string[],
  { flags = [], env = {}, cwd = import.meta.dirname }: Options,
): Promise<Ended> {
  const options = {
    env: { ...bareEnvironment(), NODE_EXTRA_CA_CERTS: join(fixtures, 'ca.crt'), ...env },
    cwd,
    timeout: 20_000,
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, ...args], options);
    return { code: 0, stdout: stdout.trim(), stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout: stdout.trim(), stderr };
  }
}

/** Hangs up on the second request of each connection, as B does when it closes at that moment. */
export function hangUpOnReuse(socket: Socket): void {
  let served = 0;
  onRequests(socket, () => void (served++ === 0 ? socket.write(answer('ok')) : socket.destroy()));
}

/** Speaks HTTP/2 and HTTP/1.1 and answers with the version that was chosen. */
export async function serveBothVersions(): Promise<Running> {
  const read = (name: string) => readFileSync(join(fixtures, name));
  const server = http2.createSecureServer(
    { key: read('server.key'), cert: read('server.crt'), allowHTTP1: true },
    (request, response) => void response.end(request.httpVersion),
  );
  server.on('sessionError', () => {});
  return listen(server, 'https:');
}
