// Runs each program twice, as it is and with --import holdline/register, and prints what its three requests came to.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';

const NOT_PROGRAMS = ['b.js', 'run.js'];
const directory = import.meta.dirname;
const programs = readdirSync(directory).filter((name) => name.endsWith('.js') && !NOT_PROGRAMS.includes(name));

const b = fork(new URL('b.js', import.meta.url));
const [port] = await once(b, 'message');
const url = `http://127.0.0.1:${port}/`;

/** How many of a program's requests failed. */
async function failedOf(program, flags) {
  const options = { cwd: directory, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, url], options);
  const outcomes = stdout.trim().split('\n');
  return outcomes.filter((outcome) => outcome !== '200').length;
}

console.log('requests that failed, of 3   as it is   with --import holdline/register\n');
for (const program of programs) {
  const runs = [[], ['--import', 'holdline/register']].map((flags) => failedOf(program, flags));
  const [bare, held] = await Promise.all(runs);
  console.log(`${program.padEnd(29)}${String(bare).padStart(4)}${String(held).padStart(15)}`);
  if (bare === 0 || held > 0) process.exitCode = 1;
}
b.disconnect();
