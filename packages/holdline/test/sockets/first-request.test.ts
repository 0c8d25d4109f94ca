import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtures, REGISTER, run } from './register/running.js';
import { listen, type Running, serveHttp } from './support.js';

const program = join(import.meta.dirname, 'first-request.mjs');
const read = (name: string) => readFileSync(join(fixtures, name));

const servers: Record<string, () => Promise<Running>> = {
  HTTP: () => serveHttp((_, response) => void response.end()),
  HTTPS: () => {
    const options = { key: read('server.key'), cert: read('server.crt'), keepAliveTimeout: 0 };
    return listen(
      https.createServer(options, (_, response) => void response.end()),
      'https:',
    );
  },
};
const ways: [string, string[]][] = [
  ["Node's agent", REGISTER],
  ["Holdline's agent", []],
];

for (const [scheme, serve] of Object.entries(servers)) {
  test.each(ways)(`an idle connection over ${scheme} of %s keeps nothing of its first request`, async (way, flags) => {
    const b = await serve();
    const ended = await run([program, b.origin, way], { flags: ['--expose-gc', ...flags] });
    expect(ended).toEqual({ code: 0, stdout: '1 forgotten', stderr: '' });
  });
}
