import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const here = import.meta.dirname;

/** What only sets a tool up. */
const SETUP = /^@opentelemetry\/(api|instrumentation|sdk-.*)$/;

test('the guide tells the versions that are tested', () => {
  const { packages } = JSON.parse(readFileSync(path.join(here, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; dependencies?: Record<string, string> }>;
  };
  const tools = Object.keys(packages['']?.dependencies ?? {}).filter((name) => !SETUP.test(name));
  const tested = tools.map((name) => [name, packages[`node_modules/${name}`]?.version]);
  const guide = readFileSync(path.join(here, '../../../../docs/guides/tools.md'), 'utf8');
  const told = Array.from(guide.matchAll(/^\| `(.+?)` \| (\S+) \|/gm), ([, name, version]) => [name, version]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(tested));
});
