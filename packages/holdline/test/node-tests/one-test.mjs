// Runs one file of Node's tests in a process of its own.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fieldShownTo } from './judge.mjs';

const PRELOAD = fileURLToPath(new URL('preload.cjs', import.meta.url));
const LIMIT_MS = 60_000;
const KEPT_OUTPUT = 20_000;
const DISTURBING = ['HOLDLINE', 'NODE_V8_COVERAGE', 'FORCE_COLOR', 'NO_COLOR', 'NODE_TEST_CONTEXT'];

/** Ends what still runs when the ring is ended. */
export const running = new Set();

/**
 * @param test - `{ folder, file, isOlder }`: the file in the suite's folder, and whether the suite is of an older Node.
 * @param mode - `plain`, or the mode of Holdline's agents.
 * @param slot - Which of the files that run at the same time this is: it gets a folder and ports of its own.
 * @returns `{ verdict: 'pass' | 'fail' | 'skip', why, output, ms }`; `skip`: the test says that it cannot run here.
 */
export function runTest(node, test, mode, { slot, scratch }) {
  const path = join(test.folder, test.file);
  const text = readFileSync(path, 'utf8');
  const folder = join(scratch, `${slot}`);
  mkdirSync(folder, { recursive: true });
  const env = {
    ...process.env,
    ...envOf(text),
    TEST_SERIAL_ID: `${slot}`,
    TEST_THREAD_ID: `${slot}`,
    TEST_PARALLEL: slot === 0 ? '' : '1',
    NODE_TEST_DIR: folder,
    ...(test.isOlder && { NODE_TEST_KNOWN_GLOBALS: '0' }), // it does not know the globals of a newer Node
    NODE_OPTIONS: mode === 'plain' ? '' : `--require "${PRELOAD.replaceAll('\\', '/')}"`,
    HOLDLINE_MODE: mode,
    HOLDLINE_SHOWN_FIELD: fieldShownTo(test.file) ?? '',
  };
  // they would change what the test sees
  for (const name of DISTURBING) delete env[name];
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(node, [...flagsOf(text), path], {
      env,
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    running.add(child);
    let output = '';
    let late = false;
    const take = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const limit = setTimeout(() => {
      late = true;
      endTest(child);
    }, LIMIT_MS);
    child.on('error', take);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      running.delete(child);
      endTest(child); // and what it may have left
      rmSync(folder, { recursive: true, force: true });
      const ok = code === 0 && !late;
      const verdict = ok ? (/^1\.\.0 # Skipped/m.test(output) ? 'skip' : 'pass') : 'fail';
      const why = late ? `still running after ${LIMIT_MS / 1000} s` : `ended with ${code ?? signal}`;
      resolve({ verdict, why, output, ms: Date.now() - started });
    });
  });
}

/** Ends a test and the processes that it started. */
export function endTest(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // all have ended
  }
}

function flagsOf(text) {
  return [...text.matchAll(/^\/\/ Flags:\s*(.+)$/gm)].flatMap(([, flags]) => flags.trim().split(/\s+/));
}

function envOf(text) {
  const pairs = [...text.matchAll(/^\/\/ Env:\s*(.+)$/gm)].flatMap(([, each]) => each.trim().split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/).slice(0, 2)));
}
