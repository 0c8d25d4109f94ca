// The conformance ring: every client, bare, on Holdline, and in a program that is registered, through every case; what can
// be seen must be the same.
//
//   npm run conformance -- [--nodes 20,22] [--client PATTERN] [--case PATTERN] [--arms holdline,registered] [--jobs N] [--write] [--verbose]
//
// --write generates docs/reference/conformance.md for the Nodes that it runs on. HOLDLINE_TEST_FULL=1 streams 100 MB
// rather than 8; HOLDLINE_RESULT=FILE gets the summary as JSON. Exit 0 when every cell is as the page says.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { arms } from './arms.mjs';
import { cases } from './cases.mjs';
import { compare } from './compare.mjs';
import { clients, lackOf, runsOn } from './manifest.mjs';
import { failuresIn, write } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    client: { type: 'string', default: '' },
    case: { type: 'string', default: '' },
    arms: { type: 'string', default: 'holdline,registered' },
    jobs: { type: 'string', default: `${3 * availableParallelism()}` },
    write: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

/** Failures that are printed one by one. */
const SHOWN = 30;
const isFull = process.env.HOLDLINE_TEST_FULL === '1';
const LIMIT_MS = (isFull ? 300 : 90) * 1000;
const ca = fileURLToPath(new URL('../sockets/fixtures/ca.crt', import.meta.url));
// what a test run sets for itself is no setting of a program that is registered, which would step aside
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDLINE'))),
  NODE_EXTRA_CA_CERTS: ca,
  CONFORMANCE_FULL: isFull ? '1' : '0',
};
const chosen = (names, pattern) => names.filter((name) => new RegExp(pattern).test(name));
const clientNames = chosen(Object.keys(clients), options.client).filter((name) => runsOn(name));
const caseNames = chosen(Object.keys(cases), options.case);

const others = options.arms.split(',');

const started = Date.now();
const results = await runAll();
finish();

/** Each client on each arm in a process of its own, some at a time. */
async function runAll() {
  const jobs = clientNames.flatMap((client) => ['bare', ...others].map((arm) => ({ client, arm })));
  const seen = Object.fromEntries(clientNames.map((client) => [client, {}]));
  const all = new Map();
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { client, arm } = job;
      seen[client][arm] = await runClient(client, arm);
      if (Object.keys(seen[client]).length > others.length) all.set(client, judge(client, seen[client]));
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  return clientNames.flatMap((client) => all.get(client));
}

function runClient(client, arm) {
  const applicable = caseNames.filter((name) => !lackOf(client, name));
  const child = fork(new URL('worker.mjs', import.meta.url), [client, arm, ...applicable], {
    execArgv: arms[arm].execArgv,
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const seen = {};
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  child.on('message', ({ case: name, seen: what }) => (seen[name] = what));
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (code !== 0) process.stderr.write(`${client}, ${arm}: ended with ${code ?? signal}\n${said}\n`);
      resolve(seen);
    });
  });
}

/** The cells of a client; one that did not run is none that may be left out. */
function judge(client, seen) {
  const cells = caseNames.map((name) => {
    const cell = { client, case: name };
    const lack = lackOf(client, name);
    return { ...cell, ...(lack ? { outcome: 'lacks', by: [lack] } : outcomeOf(client, name, seen)) };
  });
  const count = (outcome) => cells.filter((cell) => cell.outcome === outcome).length;
  const counts = ['same', 'own context', 'cured', 'told', 'differs', 'missing', 'lacks'].map(
    (each) => `${count(each)} ${each}`,
  );
  process.stdout.write(`${client}: ${counts.join(', ')}\n`);
  for (const cell of cells) {
    const isBad = cell.outcome === 'differs' || cell.outcome === 'missing';
    if (!isBad && !options.verbose) continue;
    process.stdout.write(`  ${cell.case}: ${cell.outcome}\n${cell.by.map((each) => `    ${each}\n`).join('')}`);
  }
  return cells;
}

/** On each arm the same, or it differs. */
function outcomeOf(client, name, seen) {
  const refuses = clients[client].refuses?.includes(name);
  const each = others.map((arm) => {
    const [bare, other] = [seen.bare[name], seen[arm][name]];
    if (!bare || !other) return { outcome: 'missing', by: [`${arm}: it did not run`] };
    const { outcome, by } = compare(cases[name], bare, other, refuses);
    return { outcome, by: by.map((difference) => `${arm}: ${difference}`) };
  });
  const outcomes = new Set(each.map(({ outcome }) => outcome));
  const by = each.flatMap((arm) => arm.by);
  if (outcomes.size === 1) return { outcome: each[0].outcome, by };
  const told = others.map((arm, index) => `${arm} is ${each[index].outcome}`);
  return { outcome: outcomes.has('missing') ? 'missing' : 'differs', by: [told.join(', '), ...by] };
}

function finish() {
  const isBad = ({ outcome }) => outcome === 'differs' || outcome === 'missing';
  if (options.write && !results.some(isBad)) write(results);
  const failures = failuresIn(results);
  const applicable = results.filter(({ outcome }) => outcome !== 'lacks');
  const passed = Math.max(0, applicable.length - failures.length);
  process.stdout.write(`${passed} as the table says, ${failures.length} not, in ${(Date.now() - started) / 1000} s\n`);
  for (const failure of failures.slice(0, SHOWN)) process.stdout.write(`  ${failure}\n`);
  const outcome = { passed, failed: failures.length, failures };
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, `${JSON.stringify(outcome)}\n`);
  process.exit(failures.length > 0 ? 1 : 0);
}
