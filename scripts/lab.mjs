// `npm run lab`: makes the clone ready, then runs `holdline lab` with the arguments given after `--`, with the Nodes at
// hand as servers. `npm run lab -- docs DIR [DIR …]` generates the page about the lab from runs of it instead.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ready, root } from './ready.mjs';
import { findNodes } from './test/nodes.mjs';

ready();
const args = process.argv.slice(2);
if (args[0] === 'docs') {
  const { writeLabPage } = await import('./lab-page.mjs');
  await writeLabPage(args.slice(1));
} else {
  const nodes = args[0] === 'run' ? findNodes(['20', '22', '24', '26']) : [];
  const env = nodes.flatMap(({ path }, index) => (path ? [[`HOLDLINE_NODE_${20 + 2 * index}`, path]] : []));
  const command = join(root, 'packages/cli/dist/main.js');
  const lab = spawn(process.execPath, [command, 'lab', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...Object.fromEntries(env) },
  });
  // Ctrl-C reaches the lab too, which then cleans up after itself: stay until it has.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => lab.kill(signal));
  lab.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
