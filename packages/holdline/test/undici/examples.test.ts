import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { serveHttp } from '../sockets/support.js';

const runtime = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(runtime, file), 'utf8');

/** Runs an example where Holdline and an undici are installed, with the server that it names at a port of the test's. */
async function run(code: string): Promise<string> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'holdline-undici-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(runtime, path.join(folder, 'node_modules/holdline'), 'junction');
  const undici = path.join(import.meta.dirname, 'node_modules/undici-7');
  symlinkSync(undici, path.join(folder, 'node_modules/undici'), 'junction');
  const b = await serveHttp((request, response) => void request.resume().on('end', () => response.end('ok')));
  const moved = code.replaceAll('127.0.0.1:3000', `127.0.0.1:${b.port}`);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', moved], {
    cwd: folder,
    timeout: 10_000,
  });
  return stdout + stderr;
}

test('the examples of the guide run', async () => {
  const examples = Array.from(read('../../docs/guides/undici.md').matchAll(/^```js\n(.*?)^```/gms), ([, code]) => code);
  expect(examples).toHaveLength(4);
  const printed = await Promise.all(examples.map((code = '') => run(code)));
  expect(printed).toEqual(['ok\n', 'ok\n0\n', 'ok\n', '']);
});

test.each(['connector', 'dispatcher'])('the example of %s in the code runs', async (name) => {
  const block = /@example\n(.*?)\n \*\/\nexport function/s.exec(read(`src/undici/${name}.ts`))?.[1] ?? '';
  expect(await run(block.replace(/^ \* ?/gm, ''))).toBe('ok\n');
});
