// Starts B and `holdline chaos` before it, and lets clients call B through it. Used by chaos-go too.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HOLDLINE = join(dirname(fileURLToPath(import.meta.resolve('@holdline/cli/package.json'))), 'dist/main.js');
const FAULTS = ['--close-idle', '1s', '--delay', '50ms'];

/** A way to start the client: what the table calls it, a command, and its words before the URL. */
export async function compare(title, ways) {
  const b = http.createServer((request, response) => request.resume().on('end', () => response.end('taken')));
  b.keepAliveTimeout = 0; // B closes nothing: what lies before it does
  b.listen(0, '127.0.0.1');
  await once(b, 'listening');

  console.log(`Through holdline chaos ${FAULTS.join(' ')}\n`);
  console.log(`  ${title.padEnd(30)}  requests  hung up  met a close`);
  const done = ways.map(({ command, words }) => callThrough(b.address().port, command, words));
  for (const [index, { name }] of ways.entries()) {
    const { sent, hungUp, errors, metClose } = await done[index];
    console.log(`  ${name.padEnd(30)}  ${pad(sent, 8)}  ${pad(hungUp, 7)}  ${pad(metClose, 12)}`);
    for (const error of errors) console.log(`    ${error}`.slice(0, 80));
  }
  b.close();
  b.closeAllConnections();
}

/** Runs the client against a chaos of its own; it prints one JSON object. */
async function callThrough(port, command, words) {
  const chaos = spawn(process.execPath, [HOLDLINE, 'chaos', '--to', `http://127.0.0.1:${port}`, ...FAULTS, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events = [];
  const lines = createInterface({ input: chaos.stdout });
  lines.on('line', (line) => events.push(JSON.parse(line)));
  await once(lines, 'line');
  const { stdout } = await promisify(execFile)(command, [...words, events[0].url]);
  await pause(200); // what the last calls sent is still on its way
  chaos.kill('SIGINT');
  await once(lines, 'close');
  return { ...JSON.parse(stdout), metClose: events.at(-1).metClose };
}

function pad(number, width) {
  return String(number).padStart(width);
}
