// The packets ring: both rules of soundness, proved over a link with a true packet delay.
//
//   node run.mjs [--full] [--only PATTERN] [--list] [--node PATH] [--dist DIR] [--benches N] [--keep] [--trace]
//
// --keep leaves each group's configs, logs, ledger and history; with --trace also its packets.
// HOLDLINE_TEST_FULL=1 is --full; HOLDLINE_RESULT=FILE gets the summary as JSON. Exit 0 when no cell failed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Bench, sweep } from './bench.mjs';
import { runGroup } from './group.mjs';
import { cellsOf, groups } from './manifest.mjs';
import { unmet } from './needs.mjs';
import { line, summary } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: process.env.HOLDLINE_TEST_FULL === '1' },
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    node: { type: 'string', default: process.execPath },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    benches: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});

const pattern = new RegExp(options.only);
const chosen = groups
  .filter(({ fullOnly }) => options.full || !fullOnly)
  .map((group) => ({
    ...group,
    kinds: cellsOf(group)
      .filter((cell) => pattern.test(cell.id))
      .map((cell) => cell.kind),
  }))
  .filter((group) => group.kinds.length > 0);

if (options.list) {
  for (const group of chosen) for (const cell of cellsOf(group)) console.log(cell.id);
  process.exit(0);
}
if (!existsSync(join(options.dist, 'index.js'))) {
  console.error(`packets: no build of the runtime in ${options.dist}: npm run build`);
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), 'holdline-packets-'));
const benches = [];
const results = [];
const skipped = [];

process.on('exit', () => {
  for (const bench of benches) bench.close();
  if (options.keep) console.log(`kept: ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const started = Date.now();
const runnable = chosen.filter((group) => {
  const missing = unmet(group.needs);
  if (missing)
    skipped.push(...cellsOf(group).map((cell) => ({ name: cell.id, reason: missing.reason, remedy: missing.remedy })));
  return !missing;
});

if (runnable.length > 0) {
  sweep();
  const settings = { ...options, dist: resolve(options.dist), dir, ...certificate(dir) };
  // The 1 ms cells measure who is quicker, A or a packet: nothing that keeps the machine busy runs beside them.
  const alone = (group) => group.ring === 'crossing' && group.delayMs < 1;
  await work(
    runnable.filter((group) => !alone(group)),
    Number(options.benches),
    settings,
  );
  await work(runnable.filter(alone), Number(options.benches), settings);
}
finish();

async function work(queue, count, settings) {
  const waiting = [...queue];
  await Promise.all(
    Array.from({ length: Math.min(count, waiting.length) }, async (_, index) => {
      benches[index] ??= new Bench(index, join(dir, `bench-${index}`));
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        for (const result of await runGroup(benches[index], group, settings)) {
          results.push(result);
          console.log(line(result));
        }
      }
    }),
  );
}

function certificate(where) {
  mkdirSync(where, { recursive: true });
  const [ca, key, pem] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => join(where, name));
  const subject = ['-subj', '/CN=b', '-addext', 'subjectAltName=IP:10.77.0.2'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-keyout', key, '-out', ca], { stdio: 'ignore' });
  writeFileSync(pem, execFileSync('cat', [ca, key]));
  return { ca, pem };
}

function finish() {
  const ran = new Set([...results, ...skipped.map(({ name }) => ({ id: name }))].map(({ id }) => id));
  for (const group of chosen) {
    for (const cell of cellsOf(group)) {
      if (!ran.has(cell.id))
        results.push({ id: cell.id, ok: false, problems: ['the manifest lists it, and it did not run'] });
    }
  }
  const failed = results.filter((result) => !result.ok).length;
  const outcome = { passed: results.length - failed, failed, skipped, full: options.full, cells: results };
  console.log(summary(outcome, Date.now() - started));
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, `${JSON.stringify(outcome, null, 1)}\n`);
  process.exit(failed > 0 ? 1 : 0);
}
