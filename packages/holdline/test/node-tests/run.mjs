// Node's own tests for `http` and `https`, on plain Node and on Holdline's agents.
//
//   node run.mjs [--nodes 20,24] [--mode on,observe] [--only PATTERN] [--list] [--write]
//
// --write generates the page docs/reference/node-tests.md; it needs a whole run in which nothing fails.
// HOLDLINE_NODE_TESTS=DIR is a checkout of denoland/node_test or of Node; without it the tests are got, see suites.mjs.
// HOLDLINE_RESULT=FILE gets the summary as JSON. Exit 0 when nothing failed that is not listed in exceptions.mjs.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findNodes } from '../../../../scripts/test/nodes.mjs';
import { judge } from './judge.mjs';
import { endTest, running, runTest } from './one-test.mjs';
import { writePage } from './page.mjs';
import { suiteFor } from './suites.mjs';

const FOLDERS = ['parallel', 'client-proxy', 'sequential'];
const AT_ONCE = Math.min(4, availableParallelism() + 1); // most of them wait for most of their time
const DIST = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: process.versions.node.split('.')[0] },
    mode: { type: 'string', default: 'on,observe' },
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const modes = options.mode.split(',');
const pattern = new RegExp(options.only);
if (modes.some((mode) => !['on', 'observe'].includes(mode))) {
  fail(`--mode takes on and observe; it was given '${options.mode}'.`);
}
if (options.write && (options.only || options.mode !== 'on,observe')) fail('--write needs a whole run.');
if (!existsSync(DIST)) fail('There is no build of the runtime: npm run build');

const scratch = mkdtempSync(join(tmpdir(), 'holdline-node-tests-'));
process.on('exit', () => {
  for (const child of running) endTest(child);
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const outcome = { passed: 0, failed: 0, failures: [], skipped: [], runs: [] };
for (const node of findNodes(options.nodes.split(','))) {
  const suite = node.path ? suiteFor(node.name.split(' ')[1]) : node;
  if (suite.reason) outcome.skipped.push({ name: node.name, reason: suite.reason, remedy: suite.remedy });
  else await runSuite(node, suite);
}
if (options.write && outcome.failed === 0) writePage(outcome.runs);
if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, JSON.stringify(outcome));
for (const { name, reason, remedy } of outcome.skipped) console.log(`${name}: ${reason}\n  to run: ${remedy}`);
process.exit(outcome.failed > 0 ? 1 : 0);

async function runSuite(node, suite) {
  const files = testsIn(suite.folder);
  if (options.list) {
    for (const file of files) console.log(file);
    return;
  }
  console.log(`${node.name}, tests of Node ${suite.version} (${suite.source}): ${files.length} files`);
  const verdicts = new Map();
  const isOlder = majorOf(suite.version) !== majorOf(node.name.split(' ')[1]);
  const alone = files.filter((file) => file.startsWith('sequential'));
  await work(
    files.filter((file) => !alone.includes(file)),
    AT_ONCE,
  );
  await work(alone, 1);
  const run = { node: node.name, suite, ...judge(verdicts, modes) };
  for (const line of run.lines) console.log(line);
  outcome.runs.push(run);
  outcome.passed += run.passed;
  outcome.failed += run.failures.length;
  outcome.failures.push(...run.failures.map((failure) => `${node.name}: ${failure}`));

  async function work(waiting, atOnce) {
    const queue = [...waiting];
    const worker = async (_, index) => {
      const slot = { slot: atOnce === 1 ? 0 : index + 1, scratch };
      for (let file = queue.shift(); file; file = queue.shift()) {
        verdicts.set(file, await runFile(node.path, { ...suite, isOlder }, file, slot));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

/** On plain Node first: a test that does not pass there says nothing of Holdline, be it always or at the moment. */
async function runFile(node, suite, file, slot) {
  const test = (mode) => runTest(node, { ...suite, file }, mode, slot);
  const found = { plain: await test('plain') };
  if (found.plain.verdict !== 'pass') return found;
  for (const mode of modes) found[mode] = await test(mode);
  if (modes.some((mode) => found[mode].verdict !== 'pass')) found.plain = await test('plain');
  return found;
}

function majorOf(version) {
  return version.split('.')[0];
}

function testsIn(folder) {
  const files = FOLDERS.filter((name) => existsSync(join(folder, name))).flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => /^test-https?-.*\.m?js$/.test(file))
      .map((file) => `${name}/${file}`),
  );
  return files.filter((file) => pattern.test(file)).sort();
}

function fail(complaint) {
  console.error(complaint);
  process.exit(2);
}
