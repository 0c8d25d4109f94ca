// Runs one program of a ring: quietly where nothing is wrong, whole where something is, and never for ever.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../ready.mjs';

// Set or absent: many programs take any value, also 0, for a yes.
const COLOURS = process.stdout.isTTY
  ? { FORCE_COLOR: '1', NO_COLOR: undefined }
  : { FORCE_COLOR: undefined, NO_COLOR: '1' };

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) endGroup(child, 'SIGTERM');
    process.exit(130);
  });
}

/**
 * Runs `node script …args` and gives its exit code and output.
 * `show`: print its output as it comes, for a ring that takes minutes.
 */
export function run(
  script,
  args,
  { node = process.execPath, env = {}, limitMs = 300_000, show = false, cwd = root } = {},
) {
  return new Promise((resolve) => {
    // Its own process group, so that a ring past its limit leaves nobody behind.
    const child = spawn(node, [script, ...args], {
      cwd,
      env: { ...process.env, ...COLOURS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    running.add(child);
    let stdout = '';
    let output = '';
    let late = false;
    const take = (chunk) => {
      output += chunk;
      if (show) process.stdout.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    const limit = setTimeout(() => {
      late = true;
      take(`\nStill running after ${limitMs / 1000} s: ended.\n`);
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), 20_000).unref();
    }, limitMs);
    const done = (code) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ code: late ? 1 : code, late, stdout, output });
    };
    child.on('error', (error) => {
      take(`${error.message}\n`);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/** Runs a program that writes what it found, as JSON, to the path in HOLDLINE_RESULT. */
export async function runForResult(script, args, options = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'holdline-test-'));
  const path = join(directory, 'result.json');
  try {
    const done = await run(script, args, { ...options, env: { ...options.env, HOLDLINE_RESULT: path } });
    const result = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    if (!result) {
      const why = done.late ? 'was still running after its time limit' : `ended with ${done.code} and told no result`;
      return { passed: 0, failed: 1, failures: [why], output: done.output };
    }
    if (result.failed > 0 && !result.failures) result.failures = failedCells(result);
    if (done.code !== 0 && result.failed === 0) {
      result.failed = 1;
      result.failures = [`ended with ${done.code} though nothing in its result failed`];
    }
    return { ...result, output: done.output };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function failedCells({ failed, cells = [] }) {
  const names = cells
    .filter((cell) => cell.ok === false || cell.verdict === 'fail')
    .map((cell) => cell.name ?? cell.id);
  return names.length > 0 ? names : [`${failed} of its cells; see its output above`];
}

/** The script behind a command of an installed package, to be run with any Node on any system. */
export function commandOf(name, command = name.split('/').pop()) {
  const directory = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, typeof bin === 'string' ? bin : bin[command]);
}

function endGroup(child, signal) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
