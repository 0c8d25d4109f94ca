// `npm run demo`: makes the clone ready, then runs `holdline demo` with the arguments given after `--`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ready, root } from './ready.mjs';

ready();
const command = join(root, 'packages/cli/dist/main.js');
const demo = spawn(process.execPath, [command, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the demo too, which then cleans up after itself: stay until it has.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal));
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
