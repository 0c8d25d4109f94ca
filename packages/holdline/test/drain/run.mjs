// The drain ring: drain() loses nothing, over a link with a true round trip and in rolling restarts behind real proxies; and,
// with --whole, what the other ways to end a server lose beside it.
//
//   node run.mjs [--full | --whole | --write] [--only link|rolling] [--nodes 20,22] [--restarts N]
//
// HOLDLINE_TEST_FULL=1 is --full; --write is --whole, and puts the tables into docs/reference/server.md. HOLDLINE_RESULT=FILE
// gets the summary as JSON. Exit 0 when drain() lost nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install, ready } from '../../../../scripts/ready.mjs';
import { unmet, unmetOf } from '../packets/needs.mjs';
import { overLink } from './over-link.mjs';
import { textOf, writePage } from './page.mjs';
import { estimateOf, planOf } from './plan.mjs';
import { rolling } from './rolling.mjs';
import { BOUND_MS } from './trial.mjs';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: process.env.HOLDLINE_TEST_FULL === '1' },
    whole: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    nodes: { type: 'string' },
    restarts: { type: 'string' },
  },
});
if (options.write && (options.only || options.nodes || options.restarts)) {
  process.stderr.write('--write needs a whole run: without --only, --nodes and --restarts.\n');
  process.exit(2);
}
const size = options.write || options.whole ? 'whole' : options.full ? 'full' : 'reduced';
const dir = mkdtempSync(join(tmpdir(), 'holdline-drain-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

const begunMs = performance.now();
const cells = [];
ready();
const plan = planOf(size, { nodes: options.nodes?.split(','), restarts: options.restarts && Number(options.restarts) });
const skipped = plan.missing.map(({ name, reason, remedy }) => ({ name, reason, remedy }));
const runnable = { link: kept('link', unmet([])), rolling: plan.rolling.filter(isRunnable) };
if (size === 'whole') install(fileURLToPath(new URL('.', import.meta.url)));
const { linkSeconds, rollingSeconds } = estimateOf(runnable);
print(
  `About ${timeOf(linkSeconds + rollingSeconds)}: ${timeOf(linkSeconds)} over the link, ${timeOf(rollingSeconds)} of restarts.`,
);

const tell = process.stderr.isTTY ? (text) => process.stderr.write(`\r\x1b[K${text}`) : () => {};
const results = { link: runnable.link.length > 0 ? await overLink(runnable.link, dir, tell) : [], rolling: [] };
tell('');
for (const result of results.link) judge(nameOf(result), linkProblems(result));
for (const way of new Set(runnable.rolling.map((each) => each.way))) {
  const trials = runnable.rolling.filter((each) => each.way === way).map((each, i) => ({ ...each, ...placeOf(i) }));
  results.rolling.push(...(await Promise.all(trials.map((each) => rolling(each, tell)))));
  tell('');
}
results.rolling.sort((a, b) => a.proxy.localeCompare(b.proxy));
for (const result of results.rolling) judge(nameOf(result), rollingProblems(result));
finish();

function kept(kind, missing) {
  if (options.only && options.only !== kind) return [];
  if (missing) skipped.push(...plan[kind].map((cell) => ({ name: nameOf(cell), ...missing })));
  return missing ? [] : plan[kind];
}

function isRunnable(trial) {
  if (options.only && options.only !== 'rolling') return false;
  const missing = unmetOf([trial.proxy]);
  if (missing) skipped.push({ name: nameOf(trial), reason: missing.reason, remedy: missing.remedy });
  return !missing;
}

/** Ports below those that the system gives to clients. */
function placeOf(index) {
  return { dir: join(dir, `rolling-${index}`), port: 21_000 + (process.pid % 1_000) * 8 + index * 4 };
}

function nameOf({ proxy, way, restarts, node, tls, delayMs }) {
  if (proxy) return `rolling/${proxy}/${way}, ${restarts} restarts`;
  return `link/${way}/${tls ? 'tls' : 'tcp'}/${2 * delayMs} ms/${node.name}`;
}

/** Only drain() promises anything. */
function judge(name, { way, told, problems }) {
  cells.push({ name, ok: way !== 'drain' || problems.length === 0, problems });
  print(`${cells.at(-1).ok ? 'pass' : 'FAIL'}  ${name.padEnd(44)} ${told}`);
  if (!cells.at(-1).ok) for (const problem of problems) print(`      ${problem}`);
}

function linkProblems({ way, connections, duringEnd, lost, lostBy, lagMs, unexecuted, tookMs }) {
  // A keeps its connections for less than B promises only if it is not late itself
  const problems = [
    [
      lost > 0,
      `${lost} lost on connections that were open: ${JSON.stringify(countsOf(lostBy))}; A was late by ${lagMs} ms at most`,
    ],
    [unexecuted > 0, `${unexecuted} answered, yet not in the ledger`],
    [duringEnd < connections / 4, `only ${duringEnd} requests while B ended: it shows nothing`],
    [tookMs > BOUND_MS, `it took ${tookMs} ms; its bound is ${BOUND_MS}`],
  ];
  return { way, told: `${lost} of ${duringEnd} lost, ${tookMs} ms`, problems: wrongOf(problems) };
}

function rollingProblems({ way, restarts, perSecond, cut, clients, slowestMs }) {
  const failed = Object.entries(clients).flatMap(([by, client]) => client.failed.map((what) => `${what} (${by})`));
  const requests = Object.values(clients).reduce((total, client) => total + client.requests, 0);
  const problems = [
    [failed.length > 0, `failed: ${JSON.stringify(countsOf(failed))}`],
    [cut > 0, `${cut} restarts cut something`],
    [requests < restarts * perSecond * 0.3, `only ${requests} requests: it shows nothing`],
  ];
  const told = `${failed.length} of ${requests} failed, ${Math.round(slowestMs)} ms`;
  return { way, told, problems: wrongOf(problems) };
}

function wrongOf(problems) {
  return problems.filter(([holds]) => holds).map(([, problem]) => problem);
}

function countsOf(failed) {
  const counts = {};
  for (const what of failed) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}

function finish() {
  if (size === 'whole') print(`\n${textOf(results)}`);
  const failed = cells.filter(({ ok }) => !ok).length;
  const outcome = { passed: cells.length - failed, failed, skipped, cells };
  print(
    `${outcome.passed} passed, ${failed} failed, ${skipped.length} skipped, in ${timeOf((performance.now() - begunMs) / 1000)}`,
  );
  if (options.write && skipped.length > 0) print('Nothing was written: a page needs all of it.');
  else if (options.write) writePage(results);
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, `${JSON.stringify(outcome, null, 1)}\n`);
  process.exit(failed > 0 ? 1 : 0);
}

function timeOf(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
