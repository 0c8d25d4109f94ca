import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serveHttp } from './support.js';

const root = path.join(import.meta.dirname, '../../../..');
const source = path.join(root, 'packages/holdline/src');

/** The fenced examples of a Markdown file. */
function examplesIn(file: string): string[] {
  return Array.from(
    readFileSync(path.join(root, file), 'utf8').matchAll(/^```js\n(.*?)^```/gms),
    ([, code]) => code ?? '',
  );
}

/** The `@example`s of the exported things that import what they use, so that they are whole programs. */
function examplesInTsdoc(): [name: string, code: string][] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  );
  return files.flatMap((file) => {
    const text = readFileSync(path.join(source, file), 'utf8');
    const blocks = Array.from(text.matchAll(/@example\n(.*?)(?=\n\s*\*\/|\n\s*\* @)/gs), ([, code]) => code ?? '');
    const codes = blocks.map((block) => block.replace(/^\s*\* ?/gm, ''));
    const whole = codes.filter((code) => /from 'holdline(\/retry|\/server)?'/.test(code) && needsNothingElse(code));
    return whole.map((code): [string, string] => [file, code]);
  });
}

/** What needs another package is run by the clients ring. */
function needsNothingElse(code: string): boolean {
  const names = Array.from(code.matchAll(/from '(.*)'/g), ([, name]) => name ?? '');
  return names.every((name) => name.startsWith('node:') || name.split('/')[0] === 'holdline');
}

/** Runs an example as a program, with the server that it names moved to a port of the test's. */
async function run(code: string): Promise<string> {
  const b = await serveHttp((request, response) => void request.resume().on('end', () => response.end('ok')));
  const moved = code.replaceAll('127.0.0.1:3000', `127.0.0.1:${b.port}`);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', moved], {
    cwd: path.join(root, 'packages/cli'),
    timeout: 10_000,
  });
  expect(moved.includes(`:${b.port}`) ? b.accepted.length : 1).toBeGreaterThan(0);
  return stdout + stderr;
}

test('the examples of the READMEs run, and the ones that call B reach it', async () => {
  const examples = ['README.md', 'packages/holdline/README.md'].flatMap(examplesIn);
  expect(examples.length).toBeGreaterThanOrEqual(3);
  for (const code of examples) expect(await run(code)).toBe('');
});

test('the examples of the guides that need nothing but Node and Holdline run', async () => {
  const examples = ['docs/guides/retry.md', 'docs/guides/rollout.md', 'docs/guides/server.md'].flatMap(examplesIn);
  const own = examples.filter(needsNothingElse);
  expect(own.length).toBeGreaterThanOrEqual(8);
  for (const code of own) expect(await run(code)).toBe('');
});

test('the whole programs among the examples in the code run', async () => {
  const examples = examplesInTsdoc();
  expect(examples.length).toBeGreaterThanOrEqual(2);
  for (const [file, code] of examples) expect(await run(code), file).toBe('');
});
