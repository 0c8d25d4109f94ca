// The mutants ring: known wrong versions of the code, each of which must be found out by the tests that it names.
//
//   node run.mjs [--only PATTERN] [--list]
//
// With HOLDLINE_TEST_FULL=1 each undici and the built-in fetch must see them, too.
//
// Each mutant is made on a copy. It fails if its edit does not fit, if it is no valid program, if a test that it names
// fails without it, or passes with it. HOLDLINE_RESULT=FILE gets the summary as JSON. Exit 0 when none failed.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readyClients, undiciModules } from './clients.mjs';
import { mutants } from './manifest.mjs';
import { TypeChecker } from './type-checker.mjs';

const WORKERS = 2;
/** A request that a mutant leaves without an answer shows by this. */
const TEST_TIMEOUT_MS = 8_000;
/** One that runs for ever, by this. */
const LIMIT_MS = 60_000;
/** All tests together, without a mutant. */
const BASELINE_LIMIT_MS = 4 * LIMIT_MS;
const root = fileURLToPath(new URL('../../../../', import.meta.url));

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, list: { type: 'boolean', default: false } },
});
const named = mutants.filter(({ name }) => new RegExp(options.only, 'i').test(name));
if (options.list) {
  for (const { name, unseenBy } of named) {
    console.log(name);
    if (unseenBy) console.log(`    not seen by ${unseenBy}`);
  }
  process.exit(0);
}
const clients = readyClients(process.env.HOLDLINE_TEST_FULL === '1');
const chosen = named.map(({ killedBy, ...mutant }) => ({
  ...mutant,
  killedBy: killedBy.filter(({ client }) => client === undefined || clients.names.has(client)),
}));

const dir = mkdtempSync(join(tmpdir(), 'holdline-mutants-'));
const running = new Set();
process.on('exit', () => {
  for (const child of running) endGroup(child);
  rmSync(dir, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const started = Date.now();
const workers = Array.from({ length: WORKERS }, (_, index) => copyOf(join(dir, `copy-${index}`)));
const types = new TypeChecker(workers[0]);
const baseline = await runTests(
  workers[0],
  chosen.flatMap((mutant) => mutant.killedBy),
  BASELINE_LIMIT_MS,
);
const results = [];
const queue = [...chosen];
await Promise.all(
  workers.map(async (copy) => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const begun = Date.now();
      const { name, unseenBy } = mutant;
      const result = { name, unseenBy, ...(await judge(copy, mutant)), ms: Date.now() - begun };
      results.push(result);
      print(result);
    }
  }),
);
finish();

/** A copy of the runtime with all that its tests need; the packages are the repository's. */
function copyOf(to) {
  const runtime = join(to, 'packages/holdline');
  const from = join(root, 'packages/holdline');
  mkdirSync(join(to, 'node_modules'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    // not the workspaces: a test that imported those would test the original
    if (!name.startsWith('.') && !name.includes('holdline'))
      symlinkSync(join(root, 'node_modules', name), join(to, 'node_modules', name));
  }
  for (const name of ['vitest.config.ts', 'package.json', 'tsconfig.base.json'])
    cpSync(join(root, name), join(to, name));
  // not what other rings have installed
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(from, name), join(runtime, name), {
      recursive: true,
      filter: (path) => !path.endsWith('node_modules'),
    });
  if (existsSync(undiciModules)) symlinkSync(undiciModules, join(runtime, 'test/undici/node_modules'));
  return runtime;
}

/** `{ verdict: 'killed' | 'failed' | 'skipped', problems, tests }` */
async function judge(copy, mutant) {
  const tests = mutant.killedBy.length;
  const before = mutant.killedBy.map((test) => ({ test, state: baseline.get(idOf(test)) ?? { status: 'not found' } }));
  const skipped = before.find(({ state }) => state.status === 'skipped');
  if (skipped) return { verdict: 'skipped', problems: [`${skipped.test.test}: ${skipped.state.note}`], tests };
  const broken = before.filter(({ state }) => state.status !== 'passed');
  if (broken.length > 0)
    return {
      verdict: 'failed',
      problems: broken.map(
        ({ test, state }) => `without the mutant ${state.status}: ${idOf(test)}${state.message ?? ''}`,
      ),
      tests,
    };

  const originals = new Map();
  try {
    for (const { at, find, replace } of mutant.edits) {
      const holding = sourcesAt(join(copy, at)).filter((path) => readFileSync(path, 'utf8').includes(find));
      const [path] = holding;
      const text = path && readFileSync(path, 'utf8');
      const times = holding.length > 1 ? holding.length : text ? text.split(find).length - 1 : 0;
      if (!text || times !== 1)
        return {
          verdict: 'failed',
          problems: [`${at} holds this ${times} times, and should once: ${find.trim()}`],
          tests,
        };
      if (!originals.has(path)) originals.set(path, text);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
    const errors = types.errorsIn(
      new Map([...originals.keys()].map((path) => [relative(copy, path), readFileSync(path, 'utf8')])),
    );
    if (errors.length > 0)
      return { verdict: 'failed', problems: errors.map((error) => `it does not compile: ${error}`), tests };
    const after = await runTests(copy, mutant.killedBy);
    const survived = mutant.killedBy.filter((test) => after.get(idOf(test))?.status !== 'failed');
    const problems = survived.map(
      (test) => `${after.get(idOf(test))?.status ?? 'did not run'} with the mutant: ${idOf(test)}`,
    );
    return { verdict: survived.length > 0 ? 'failed' : 'killed', problems, tests };
  } catch (error) {
    return { verdict: 'failed', problems: [error.message], tests };
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text);
  }
}

/** A source file, or all of a folder: code that is moved from one file to another is still found. */
function sourcesAt(path) {
  if (existsSync(`${path}.ts`)) return [`${path}.ts`];
  const names = readdirSync(path, { recursive: true }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  return names.map((name) => join(path, name));
}

function idOf({ file, test }) {
  return `${file} > ${test}`;
}

/** Runs some tests of a copy, and gives the status of each. */
async function runTests(copy, tests, limitMs = LIMIT_MS) {
  const home = join(copy, '../..');
  const output = join(home, 'result.json');
  rmSync(output, { force: true });
  const files = [...new Set(tests.map(({ file }) => join('packages/holdline', file)))];
  const names = [...new Set(tests.map(({ test }) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))];
  const projects = [...new Set(tests.map(({ project }) => project))].flatMap((project) => ['--project', project]);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', ...projects, ...files, '-t', `^(${names.join('|')})$`];
  const said = await run(
    clients.node,
    [...args, '--reporter=json', `--testTimeout=${TEST_TIMEOUT_MS}`, `--outputFile=${output}`],
    home,
    limitMs,
  );
  if (!existsSync(output))
    throw new Error(`the tests gave no result within ${limitMs / 1000} s: ${said.slice(-1_000)}`);
  const found = new Map();
  for (const module of JSON.parse(readFileSync(output, 'utf8')).testResults) {
    for (const { fullName, status, failureMessages = [], meta } of module.assertionResults) {
      const [message = ''] = failureMessages;
      found.set(`${relative(copy, module.name)} > ${fullName}`, {
        status,
        message: message && `\n${message.slice(0, 500)}`,
        note: meta?.note ?? 'skipped on this machine',
      });
    }
  }
  return found;
}

/** A process group of its own, so that a mutant which runs for ever leaves nobody behind. */
function run(command, args, cwd, limitMs) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
    running.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const limit = setTimeout(() => endGroup(child), limitMs);
    child.on('error', (error) => (said += error.message));
    child.on('close', () => {
      clearTimeout(limit);
      running.delete(child);
      resolve(said);
    });
  });
}

function endGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

function print({ name, verdict, problems, tests, ms, unseenBy }) {
  const by = verdict === 'killed' ? `by ${tests} ${tests === 1 ? 'test' : 'tests'}` : verdict;
  console.log(
    `${verdict === 'killed' ? 'killed' : verdict.toUpperCase()}  ${name.padEnd(66)} ${by} (${(ms / 1000).toFixed(1)} s)`,
  );
  if (unseenBy) console.log(`        not seen by ${unseenBy}`);
  for (const problem of problems) console.log(`        ${problem.replaceAll('\n', '\n        ')}`);
}

function finish() {
  const of = (verdict) => results.filter((result) => result.verdict === verdict);
  const skipped = [
    ...of('skipped').map(({ name, problems }) => ({ name, reason: problems[0] })),
    ...clients.skipped.map(({ name, ...why }) => ({ name: `mutants by ${name}`, ...why })),
  ];
  const cells = results.map(({ name, verdict, problems, tests, ms }) => ({
    name,
    ok: verdict !== 'failed',
    verdict,
    problems,
    tests,
    ms,
  }));
  const outcome = { passed: of('killed').length, failed: of('failed').length, skipped, cells };
  console.log(
    `${outcome.passed} of ${results.length} mutants killed, ${outcome.failed} not, ${skipped.length} skipped (${((Date.now() - started) / 1000).toFixed(0)} s)`,
  );
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, `${JSON.stringify(outcome, null, 1)}\n`);
  process.exit(outcome.failed > 0 ? 1 : 0);
}
