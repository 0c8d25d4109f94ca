// A Go client through holdline chaos: as it is, and with an IdleConnTimeout below what B allows.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from '../chaos-python/through-chaos.js';

const source = fileURLToPath(new URL('client.go', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'holdline-example-'));
const client = join(directory, 'client');
try {
  execFileSync('go', ['build', '-o', client, source], { stdio: 'inherit' });
  await compare("Go's net/http", [
    { name: 'as it is (90 s)', command: client, words: [] },
    { name: 'IdleConnTimeout: 800 ms', command: client, words: ['-idle', '800ms'] },
  ]);
} finally {
  rmSync(directory, { recursive: true });
}
