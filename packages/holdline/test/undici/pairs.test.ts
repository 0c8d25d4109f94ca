// The table in the guide: which dispatcher the built-in fetch of which Node takes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connector, dispatcher } from '../../src/undici/index.js';
import { serveHttp } from '../sockets/support.js';
import { BuiltInAgent, type Undici, undici7, undici8 } from './support.js';

const here = import.meta.dirname;
const guide = readFileSync(path.join(here, '../../../../docs/guides/undici.md'), 'utf8');
const [major] = process.versions.node.split('.');
const cellsOf = (row: RegExp) =>
  row
    .exec(guide)?.[1]
    ?.split('|')
    .map((cell) => cell.trim());

async function works(agent: { destroy(): Promise<void> }): Promise<string> {
  const b = await serveHttp((_, response) => response.end('ok'));
  onTestFinished(() => agent.destroy());
  const answered = fetch(b.origin, { dispatcher: agent } as never).then((response) => response.text());
  return answered.then(
    (text) => (text === 'ok' ? 'yes' : text),
    (error: Error) => ((error.cause as Error).message === 'invalid onRequestStart method' ? 'no' : String(error.cause)),
  );
}

const ofUndici8 = async (make: (undici: Undici) => { destroy(): Promise<void> }) =>
  undici8 ? works(make(undici8)) : 'needs Node 22.19';

const columns: Readonly<Record<string, () => Promise<string>>> = {
  'its own `Agent`': () => works(new BuiltInAgent({ connect: connector() })),
  'undici 7': () => works(new undici7.Agent({ connect: connector() })),
  'undici 8': () => ofUndici8(({ Agent }) => new Agent({ connect: connector() })),
  '`dispatcher()` of undici 7': () => works(dispatcher({}, undici7)),
  '`dispatcher()` of undici 8': () => ofUndici8((undici) => dispatcher({}, undici)),
};

test('the guide tells which dispatchers the fetch of this Node takes', async () => {
  const head = cellsOf(/^\| `fetch` of \| built on \|(.*)\|$/m);
  expect(head).toEqual(Object.keys(columns));
  const row = cellsOf(new RegExp(`^\\| Node ${major} \\| undici \\d \\|(.*)\\|$`, 'm'));
  const seen: string[] = [];
  for (const tell of Object.values(columns)) seen.push(await tell());
  expect(row).toEqual(seen);
});

test('the guide tells on what undici the fetch of this Node is built', () => {
  const [built] = (process.versions as Record<string, string | undefined>)['undici']?.split('.') ?? [];
  expect(guide).toContain(`| Node ${major} | undici ${built} |`);
});

test('the guide tells the versions that are tested', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const named of Object.values(dependencies)) expect(guide).toContain(named.replace('npm:undici@', ''));
});

test('undici 8 works with each fetch in the wrapper that it has for older ones', async () => {
  const wrapped = await ofUndici8((undici) => {
    const { Agent, Dispatcher1Wrapper } = undici as Undici & {
      Dispatcher1Wrapper: new (dispatcher: object) => { destroy(): Promise<void> };
    };
    return new Dispatcher1Wrapper(new Agent({ connect: connector() }));
  });
  expect(wrapped).toBe(undici8 ? 'yes' : 'needs Node 22.19');
});
