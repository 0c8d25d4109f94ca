// Runs one group of the manifest: starts B, lets A do its job, and has the judge fill the group's cells.
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeAtHand } from '../../../../scripts/test/nodes.mjs';
import { addressB } from './bench.mjs';
import { figures, notesOn, problemsOf, readHistory, readLedger } from './check.mjs';
import { cellsOf } from './manifest.mjs';
import { servers } from './servers.mjs';

const client = fileURLToPath(new URL('client.mjs', import.meta.url));
const portOf = { get: 3001, keyed: 3002, post: 3003 };

export async function runGroup(bench, group, settings) {
  const dir = join(settings.dir, group.id.replaceAll('/', '_'));
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const want = group.count[settings.full ? 'full' : 'reduced'];
  const job = jobOf(group, settings, dir, want);
  const started = Date.now();
  let report;
  let running = [];
  let a;
  try {
    await bench.setDelay(group.delayMs, settings.trace && join(dir, 'trace.jsonl'));
    const ports = Object.values(job.ports);
    const pem = group.tls ? settings.pem : '';
    // B is always the Node that runs the ring; --node changes A alone
    const options = {
      ...group,
      dir,
      ports,
      pem,
      ledger: join(dir, 'ledger'),
      dist: settings.dist,
      node: process.execPath,
      socketPath: job.socketPath,
    };
    running = servers[group.server](bench, options);
    a = bench.start('a', group.node ? nodeAtHand(group.node) : settings.node, [client], { ipc: true });
    report = await reportOf(a, job, running);
    await sleep(100 + 6 * group.delayMs); // what A has given up may still be on its way to the ledger
  } catch (error) {
    report = { failure: error.message };
  }
  for (const child of [a, ...running]) if (child) await bench.stop(child);
  return judge(group, dir, report, want).map((result) => ({ ...result, seconds: (Date.now() - started) / 1000 }));
}

function jobOf(group, settings, dir, want) {
  return {
    agent: 'holdline',
    ...group,
    dist: settings.dist,
    ca: settings.ca,
    host: addressB,
    socketPath: group.unix ? join(dir, 'b.sock') : undefined,
    ports: Object.fromEntries(group.kinds.map((kind) => [kind, portOf[kind]])),
    prefix: `${group.id}-`,
    count: want,
    probes: 24,
    // lanes begin spread over one idle limit, so that they do not all connect, and all hang up, at once
    spreadMs: group.nearIdleEnd === 1 ? group.idleLimitMs : 50,
    silentAfterMs: 10_000,
    timeLimitMs: settings.full ? 300_000 : 25_000,
    history: join(dir, 'history'),
  };
}

/** A's report; an error when A or B ends before it, or when A takes far longer than its job allows. */
async function reportOf(a, job, running) {
  let timer;
  const ended = async (child, who) => {
    const [code, signal] = await once(child, 'exit');
    await sleep(50); // its last message may be behind its exit
    throw new Error(
      `${who} ended (${signal ?? `exit ${code}`}): ${readFileSync(child.logPath, 'utf8').slice(-800).trim()}`,
    );
  };
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('A did not report in time')), job.timeLimitMs + 40_000);
  });
  const reported = once(a, 'message').then(([message]) => message);
  a.send(job);
  try {
    return await Promise.race([reported, ended(a, 'A'), late, ...running.map((child) => ended(child, 'B'))]);
  } finally {
    clearTimeout(timer);
  }
}

function judge(group, dir, report, want) {
  if (report.failure) return cellsOf(group).map(({ id }) => ({ id, ok: false, problems: [report.failure] }));
  const ledger = readLedger(join(dir, 'ledger'));
  const history = readHistory(join(dir, 'history'));
  const { kinds, ...run } = report;
  return cellsOf(group).map((cell) => {
    const figure = figures(cell, history, ledger, kinds[cell.kind]);
    const problems = problemsOf(cell, figure, report, want);
    return { id: cell.id, ok: problems.length === 0, problems, notes: notesOn(cell, figure), figure, run };
  });
}
