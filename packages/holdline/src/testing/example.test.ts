import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as consumers from 'node:stream/consumers';
import ts from 'typescript';
import { expect, it } from 'vitest';
import * as testing from './index.js';

const modules: Readonly<Record<string, unknown>> = {
  'node:http': http,
  'node:stream/consumers': consumers,
  'holdline/testing': testing,
};

/** The first example in a file's TSDoc. */
function exampleIn(file: string): string {
  const source = readFileSync(new URL(file, import.meta.url), 'utf8');
  const example = /@example\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? '';
  return example.replaceAll(/^ \* ?/gm, '');
}

it('the example does what it says', async () => {
  const example = exampleIn('./agent.ts');
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const said: string[] = [];
  const run = new Function('require', 'exports', 'console', `return (async () => {${outputText}})();`);
  await run((name: string) => modules[name], {}, { log: (value: unknown) => said.push(String(value)) });
  const promised = Array.from(example.matchAll(/\/\/ => (.*)/g), (match) => match[1]);
  expect(promised.length).toBeGreaterThan(0);
  expect(said).toEqual(promised);
});
