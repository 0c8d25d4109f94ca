import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { clients } from '../../src/knowledge/clients.js';

/** How a client that was set by its snippet is used; a snippet without such a line is only seen to run. */
const uses: Readonly<Record<string, string>> = {
  'node-agent': 'await get({ agent: httpAgent })',
  'node-global': 'await get({})',
  axios: 'await client.get(url)',
  got: 'await client.get(url).text()',
  superagent: 'await get(url)',
  'aws-sdk': "await client.send(new (await import('@aws-sdk/client-dynamodb')).ListTablesCommand({}))",
  agentkeepalive: 'await get({ agent: httpAgent })',
  undici: "await (await (await import('undici')).request(url)).body.text()",
  fetch: 'await (await fetch(url)).text()',
};
const repository = path.join(import.meta.dirname, '../../../..');
/** Where the packages lie that a snippet imports. */
const folders = {
  registered: path.join(repository, 'examples/register'),
  other: path.join(repository, 'packages/holdline/test/clients'),
};
const inExamples = new Set(['agentkeepalive', 'undici', 'fetch']);
const cache = (id: string) =>
  path.join(inExamples.has(id) ? folders.registered : folders.other, 'node_modules/.cache/snippets');

const CUTOFF_MS = 1_000;
const LIMIT_MS = 1_300;

afterAll(() => {
  for (const id of ['undici', 'axios']) rmSync(cache(id), { recursive: true, force: true });
});

const cases = clients.flatMap(({ id, snippets }) =>
  snippets({ cutoffMs: CUTOFF_MS, limitMs: LIMIT_MS, origin: 'http://127.0.0.1:1' })
    .filter(({ language }) => language === 'js')
    .map((_, index) => ({ id, index })),
);

test.concurrent.each(cases)(
  'the snippet for $id ($index) runs, reuses a connection, and lets go of it in time',
  async ({ id, index }) => {
    let connections = 0;
    const server = createServer({ keepAliveTimeout: 20_000 }, (_, response) => {
      // Without a hint: the client is to go by what it was set to.
      response.writeHead(200, {
        'content-type': 'application/x-amz-json-1.0',
        connection: 'keep-alive',
        'content-length': 2,
      });
      response.end('{}');
    });
    server.on('connection', () => connections++).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close().closeAllConnections());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = clients.find((each) => each.id === id);
    const snippet = client?.snippets({ cutoffMs: CUTOFF_MS, limitMs: LIMIT_MS, origin })[index];
    const use = uses[id];
    const program = `${snippet?.code}
const url = process.argv[2];
${snippet?.code.includes('const get ') || id === 'superagent' ? '' : GET}
const call = async () => { ${use ?? ''} };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await call();
await pause(20); // until the client has taken the connection back
await call();
await pause(${LIMIT_MS + 500});
await call();
process.exit();
`;
    const file = path.join(cache(id), `${id}-${index}.mjs`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, program);
    await promisify(execFile)(process.execPath, [file, `${origin}/`], {
      // Where holdline/undici looks for undici.
      cwd: path.dirname(file),
      timeout: 25_000,
      env: environment(origin),
    });
    if (use !== undefined) expect(connections).toBe(2);
  },
);

const GET = `const get = async (options) => {
  const { get: ask } = await import('node:http');
  await new Promise((resolve, reject) => ask(url, options, (response) => response.resume().on('end', resolve)).on('error', reject));
};`;

function environment(origin: string): NodeJS.ProcessEnv {
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL: origin };
  return { PATH: process.env['PATH'], ...aws };
}
