import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, readSummary } from './store.js';
import type { Summary } from './summary.js';
import { summarySchema } from './summary-schema.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'holdline-store-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const summary: Summary = {
  format: 1,
  verdict: 'pass',
  suite: 'seed',
  seed: 1,
  commandLine: ['holdline', 'lab', 'run'],
  startedAt: '2026-11-26T06:00:00.000Z',
  tookMs: 5,
  complete: true,
  versions: { node: '20.20.2' },
  machine: { platform: 'linux-x64', cpus: 2 },
  rounds: [],
};

test('a summary is read as it was saved', () => {
  const store = openStore(join(directory, 'run'));
  store.save(summary);
  expect(readSummary(store.directory)).toEqual(summary);
  store.close();
});

test('a run is never overwritten, and what is none is told with its place', () => {
  const path = join(directory, 'run');
  openStore(path).close();
  expect(() => openStore(path)).toThrow(/holds a run already/);
  expect(() => readSummary(path)).toThrow(/summary\.json: .*expected the folder of a run/);
  writeFileSync(join(path, 'summary.json'), JSON.stringify({ ...summary, seed: 'one' }));
  expect(() => readSummary(path)).toThrow(/summary\.json: seed: /);
});

// `npx vitest run --project unit packages/cli/src/lab/store -u` writes it anew.
test('the published schema is that of the type', async () => {
  const schema = { title: 'A run of the lab', ...toJsonSchema(summarySchema, { errorMode: 'ignore' }) };
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot('../../schemas/lab-summary.json');
});
