import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bareEnvironment } from '../sockets/support.js';

const examples = path.join(import.meta.dirname, '../../../../examples');

/** What each must have printed, beside ending with 0. */
const shows: Readonly<Record<string, readonly RegExp[]>> = {
  'a-and-b': [/^ +failed +0$/m, /^ +hang-ups +0$/m],
  stripe: [
    /^sent again by Holdline +- +[1-9]$/m,
    /^retried by stripe-node +[1-9] +0$/m,
    /each order was charged once\.$/m,
  ],
  register: [/^axios\.js +1 +0$/m, /^fetch\.js +1 +0$/m, /^undici\.js +1 +0$/m, /^elasticsearch\.js +1 +0$/m],
  'chaos-python': [/^ +as it is +24 +[1-9]\d* +[1-9]\d*$/m, /^ +max_idle_s=0.8 +24 +0 +0$/m],
  'chaos-go': [/^ +as it is \(90 s\) +30 +[1-9]\d* +[1-9]\d*$/m, /^ +IdleConnTimeout: 800 ms +30 +0 +0$/m],
  'https-proxy-agent': [/^HttpsProxyAgent .* 4 failed$/m, /^Holdline through it .* 0 failed$/m],
};

/** What an example needs besides Node, and how to get it. */
const needs: Readonly<Record<string, readonly [command: string, remedy: string]>> = {
  'chaos-python': ['python3', 'sudo apt-get install python3'],
  'chaos-go': ['go', 'sudo apt-get install golang-go'],
};

/** A client for the lab, with whose tests it runs (`packages/cli/test/sockets/lab`). */
const elsewhere = ['lab-client-python'];

test('each example is tested', () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...Object.keys(shows), ...elsewhere].sort());
});

for (const [name, wanted] of Object.entries(shows)) {
  test(`the example ${name} runs, and shows what it is for within 80 columns`, async ({ skip }) => {
    const [command, remedy] = needs[name] ?? [];
    skip(command !== undefined && spawnSync(command, ['--help']).error !== undefined, `no ${command}: ${remedy}`);
    const script = path.join(examples, name, 'run.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      timeout: 25_000,
      env: bareEnvironment(),
    });
    for (const pattern of wanted) expect(stdout).toMatch(pattern);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
}
