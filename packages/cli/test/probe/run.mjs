// The probe ring: `probe` against real servers over a link of packets, judged by the packets.
//
//   node run.mjs [--full] [--only PATTERN] [--runs N] [--write] [--keep]
//
// Each server is probed --runs times (2; 20 with --full) at once, and all servers at once: waiting costs nothing. A run is
// right if its limit is within 10 ms and a round trip of what the packets say, and the way of closing is the right one.
// --write generates docs/reference/probe.md from a full run; --keep leaves configs, logs and packets.
// HOLDLINE_TEST_FULL=1 is --full; HOLDLINE_RESULT=FILE gets the summary as JSON. Exit 0 when no cell failed.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeAtHand } from '../../../../scripts/test/nodes.mjs';
import { addressB, Bench, sweep } from '../../../holdline/test/packets/bench.mjs';
import { unmet } from '../../../holdline/test/packets/needs.mjs';
import { cells } from './cells.mjs';
import { judgeCell } from './check.mjs';
import { page, table } from './page.mjs';
import { servers } from './servers.mjs';
import { natIdles, readSegments } from './truth.mjs';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: process.env.HOLDLINE_TEST_FULL === '1' },
    only: { type: 'string', default: '' },
    runs: { type: 'string' },
    write: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const full = options.full || options.write;
const runs = Number(options.runs ?? (full ? 20 : 2));
const delayMs = 1;
const roundTripMs = 2 * delayMs;
const ownMajor = process.versions.node.split('.')[0];

const dir = mkdtempSync(join(tmpdir(), 'holdline-probe-'));
const benches = [];
process.on('exit', () => {
  for (const bench of benches) bench.close();
  if (options.keep) console.log(`kept: ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const started = Date.now();
const skipped = [];
const chosen = cells.filter(({ id }) => new RegExp(options.only).test(id)).flatMap((cell, index) => ready(cell, index));
if (chosen.length > 0) sweep();
const results = await Promise.all(
  [...linksOf(chosen)].map(([link, own], index) => onLink(index, JSON.parse(link), own)),
);
finish(results.flat());

/** The cell with what it needs of this machine, or nothing where that is missing. */
function ready(cell, index) {
  const path = cell.major === undefined || cell.major === ownMajor ? process.execPath : nodeAtHand(cell.major);
  const missing = path
    ? unmet(cell.needs ?? [])
    : { reason: `Node ${cell.major} is not at hand`, remedy: 'npm ci --prefix scripts/nodes' };
  if (missing) {
    skipped.push({ name: cell.id, reason: missing.reason, remedy: missing.remedy });
    return [];
  }
  const limitMs = full ? cell.full : cell.quick;
  return [
    {
      ...cell,
      node: path,
      limitMs,
      configuredMs: limitMs === 0 || cell.configuredMs < limitMs ? cell.configuredMs : limitMs,
      port: 4_000 + 10 * index,
    },
  ];
}

function linksOf(all) {
  const links = new Map();
  for (const cell of all) {
    const link = JSON.stringify(cell.link ?? {});
    links.set(link, [...(links.get(link) ?? []), cell]);
  }
  return links;
}

/** Runs cells over a link of their own. */
async function onLink(index, { natIdleS, natMode }, own) {
  const bench = new Bench(index, join(dir, `bench-${index}`));
  benches[index] = bench;
  const trace = natIdleS && join(dir, `link-${index}.jsonl`);
  await bench.setDelay(delayMs, trace, natIdleS ? ['--nat-idle', String(natIdleS), '--nat-mode', natMode] : []);
  // As they left B, and as they came to A: a busy machine may have had them under way for longer.
  const [left, came] = await Promise.all([sniff(bench, 'b', index), sniff(bench, 'a', index)]);
  // Those that take longest first.
  const longestFirst = own.toSorted((one, other) => other.configuredMs - one.configuredMs);
  const found = await Promise.all(longestFirst.map((cell, position) => runCell(bench, cell, position)));
  await sleep(300);
  const packets = { left: readSegments(left), came: readSegments(came), natIdles: trace && natIdles(trace) };
  return found.map(({ cell, runsFound, failure }) => {
    const result = failure
      ? { id: cell.id, ok: false, problems: [failure] }
      : judgeCell(cell, runsFound, packets, roundTripMs);
    console.log(
      `${result.ok ? 'pass' : 'FAIL'}  ${result.id}${result.problems.map((each) => `\n      ${each}`).join('')}`,
    );
    return { ...result, cell };
  });
}

async function sniff(bench, side, index) {
  const path = join(dir, `${side}-${index}.jsonl`);
  bench.start(side, 'python3', [fileURLToPath(new URL('sniff.py', import.meta.url)), `${side}0`, path]);
  for (let attempt = 0; !existsSync(path); attempt++) {
    if (attempt === 200) throw new Error('sniff.py was not up within 10 s');
    await sleep(50);
  }
  return path;
}

async function runCell(bench, cell, position) {
  const own = join(dir, cell.id);
  mkdirSync(own, { recursive: true, mode: 0o755 });
  const pem = cell.tls ? certificate(own) : '';
  try {
    servers[cell.server](bench, { ...cell, dir: own, pem });
    await sleep(position * (full ? 1_000 : 100)); // apart, so that they do not measure one another
    return { cell, runsFound: await probeFrom(bench, cell) };
  } catch (error) {
    return { cell, failure: error.message };
  }
}

async function probeFrom(bench, cell) {
  const prober = bench.start('a', process.execPath, [fileURLToPath(new URL('prober.mjs', import.meta.url))], {
    ipc: true,
  });
  const url = `${cell.tls ? 'https' : 'http'}://${addressB}:${cell.port}/`;
  const longestMs = Math.max(cell.configuredMs, cell.otherLimitMs ?? 0);
  prober.send({
    host: addressB,
    port: cell.port,
    url,
    runs,
    apartMs: 130,
    options: { connections: 9, insecure: true, http2: false, maxWaitMs: 3 * longestMs + 3_000, ...cell.probe },
  });
  const ended = once(prober, 'exit').then(async ([code]) => {
    await sleep(500); // its message may be behind its exit
    throw new Error(`the prober ended with ${code}: ${readFileSync(prober.logPath, 'utf8').slice(-600)}`);
  });
  const [found] = await Promise.race([once(prober, 'message'), ended]);
  ended.catch(() => {});
  return found;
}

function certificate(where) {
  const [cert, key, pem] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => join(where, name));
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-subj', '/CN=b', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  writeFileSync(pem, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
  return pem;
}

function finish(found) {
  // In the order of the manifest, however long each took.
  const ids = cells.map(({ id }) => id);
  const ordered = found.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
  const failed = ordered.filter(({ ok }) => !ok).length;
  console.log(`\n${table(ordered)}\n`);
  for (const { name, reason, remedy } of skipped) console.log(`skipped ${name}: ${reason}\n  remedy: ${remedy}`);
  const load = loadavg()[0] / availableParallelism();
  if (load > 2)
    console.log(`This machine has ${load.toFixed(1)} times more to do than it can: the figures are worth little.`);
  console.log(
    `${ordered.length - failed} passed, ${failed} failed, ${skipped.length} skipped, in ${Math.round((Date.now() - started) / 1000)} s`,
  );
  if (options.write)
    writeFileSync(
      fileURLToPath(new URL('../../../../docs/reference/probe.md', import.meta.url)),
      page(ordered, { runs, roundTripMs }),
    );
  const outcome = {
    passed: ordered.length - failed,
    failed,
    skipped,
    failures: ordered.filter(({ ok }) => !ok).map(({ id, problems }) => `${id}: ${problems[0]}`),
  };
  if (process.env.HOLDLINE_RESULT) writeFileSync(process.env.HOLDLINE_RESULT, `${JSON.stringify(outcome)}\n`);
  process.exit(failed > 0 ? 1 : 0);
}
