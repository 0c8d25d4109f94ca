// `npm run soak`: a program with five clients under `holdline/register`, for ten minutes (or `-- --seconds 60`), against a
// B that idles, restarts and dies over requests. Prints what became of its requests, and what it held.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, ready, root } from './ready.mjs';
import { commandOf, run } from './test/run.mjs';

const CLIENTS = 'packages/holdline/test/clients';
const TO_JUDGE_MS = 300_000;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 8)) {
  process.stderr.write(`--seconds is ${values.seconds}; 8 or more are needed to see what grows.\n`);
  process.exit(2);
}

ready();
install(join(root, CLIENTS));
const args = ['run', '--project', 'clients', '--reporter=verbose', `${CLIENTS}/soak.test.ts`];
const done = await run(commandOf('vitest'), args, {
  env: { HOLDLINE_SOAK_S: `${seconds}` },
  limitMs: seconds * 1_000 + TO_JUDGE_MS,
  show: true,
});
process.exitCode = done.code === 0 ? 0 : 1;
