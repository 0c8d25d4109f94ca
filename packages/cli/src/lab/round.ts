import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { monotonicMs, sleepUnless } from '../clock.js';
import { type Random, seededRandom } from '../random.js';
import { check } from './checker.js';
import type { ClientProcess } from './client-process.js';
import { judge, type Side } from './criteria.js';
import { openHistory, readHistory, readLedger } from './history.js';
import { type Counts, play } from './play.js';
import { startProcess } from './processes.js';
import type { Caller, Fault, Link, LinkRules, RunningServer, ServerSpec, World } from './roles.js';
import type { RoundSettings } from './suite.js';
import type { Cell, Findings, Round } from './summary.js';
import { workloads } from './workloads/index.js';

/** A round that can be run: its settings, and who plays in it. */
export interface RoundPlan {
  readonly settings: RoundSettings;
  readonly server: ServerSpec;
  readonly fault: Fault;
  readonly link: Link;
  readonly clients: readonly ClientProcess[];
  readonly seed: number;
  /** Where its history and ledger go. */
  readonly directory: string;
}

/** What a round was, and what it told of versions. */
export interface RoundResult {
  readonly round: Round;
  readonly serverVersion: string;
}

/** Answers take time that is not planned: callers go on for so many times the duration, and a little. */
const LATEST = 1.25;
/** After that, answers are waited for as long: a client's own timeouts and retries come to their end in it. */
const GRACE_IN_TIMEOUTS = 4;
const GRACE_MS = 3_000;

/** Runs all clients side by side before one server, and judges each. Rejects if it is interrupted. */
export async function runRound(
  plan: RoundPlan,
  tell: (counts: Counts) => void,
  signal: AbortSignal,
): Promise<RoundResult> {
  const { settings, fault, server, link, clients } = plan;
  const random = (stream: number): Random => seededRandom(plan.seed, stream);
  const ids = clients.map(({ spec }) => spec.id);
  const rules = rulesOf(plan);
  const idleLimitMs = idleLimitOf(plan, rules);
  const roundTripMs = 2 * (rules.delayMs ?? 0);
  const callers = drawTraffic(plan, idleLimitMs, roundTripMs, random);

  mkdirSync(plan.directory, { recursive: true });
  const [historyPath, ledgerPath] = [join(plan.directory, 'history.ndjson'), join(plan.directory, 'ledger.ndjson')];
  const scratch = mkdtempSync(join(tmpdir(), 'holdline-lab-'));
  const history = openHistory(historyPath);
  let running: RunningServer | undefined;
  let carries = false;
  try {
    const bLimitMs = fault.idleLimitMs === undefined ? undefined : idleLimitMs;
    const bMaxRequests = fault.maxRequestsPerConnection;
    const maxRequests = bMaxRequests ?? rules.maxRequests;
    running = await server.start({
      clients: ids,
      host: link.serverHost,
      ledgerPath,
      directory: scratch,
      hint: settings.told === 'hint',
      ...(bLimitMs !== undefined && { idleLimitMs: bLimitMs }),
      ...(bMaxRequests !== undefined && { maxRequestsPerConnection: bMaxRequests }),
      spawn: (command, words, env) => startProcess(link.on('B'), command, words, env),
    });
    carries = true;
    const addresses = await link.connect(running.ports, rules);
    await play({
      clients,
      addresses,
      callers,
      callersPerPool: settings.callersPerPool,
      timeoutMs: settings.timeoutMs,
      ...(settings.told === 'stated' && idleLimitMs !== undefined && { statedIdleLimitMs: idleLimitMs }),
      sendsForMs: settings.durationMs * LATEST + GRACE_MS,
      graceMs: settings.timeoutMs * GRACE_IN_TIMEOUTS + GRACE_MS,
      record: history.record,
      happen: (stallClients, ends) => happenings(plan, running, stallClients, history.record, random, ends),
      tell,
      signal,
    });
    signal.throwIfAborted();
    await running.stop();
    carries = false;
    for (const record of await link.stop()) history.record(record);
    history.close();
    const serverVersion = running.version;
    running = undefined;
    const [records, entries] = [readHistory(historyPath), readLedger(ledgerPath)];
    const limits = {
      roundTripMs,
      ...(idleLimitMs !== undefined && { idleLimitMs }),
      ...(maxRequests !== undefined && { maxRequestsPerConnection: maxRequests }),
    };
    const cells = judged(plan, (client) => {
      return check({ client, callersPerPool: settings.callersPerPool, ...limits }, records, entries);
    });
    return { round: { ...describe(plan, idleLimitMs, roundTripMs, callers), cells }, serverVersion };
  } finally {
    await running?.stop().catch(() => {});
    if (carries) await link.stop().catch(() => []);
    history.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The cells of the clients: what was found of each, and the verdict. */
function judged({ settings, fault, clients }: RoundPlan, findingsOf: (client: string) => Findings): Cell[] {
  const found = new Map(clients.map((client) => [client, findingsOf(client.spec.id)] as const));
  const { minCrossings, reuseBound } = settings;
  const demands = {
    control: fault.id === 'none',
    minCrossings,
    mostCrossings: Math.max(0, ...[...found.values()].map(({ crossings }) => crossings)),
    ...(reuseBound !== undefined && { reuseBound }),
  };
  return [...found].map(([{ spec, failure }, findings]): Cell => {
    const named = { client: spec.id, title: spec.title, ...(spec.bareId !== undefined && { bareId: spec.bareId }) };
    if (failure === undefined) return { ...named, ...judge(findings, demands, sideOf(spec)), findings };
    return { ...named, verdict: 'unknown', decides: true, reasons: [`the client failed: ${failure}`] };
  });
}

/** What a round is, for the summary. */
function describe(
  { settings, link, server, fault }: Pick<RoundPlan, 'settings' | 'link' | 'server' | 'fault'>,
  idleLimitMs: number | undefined,
  roundTripMs: number,
  callers: readonly Caller[],
): Omit<Round, 'cells'> {
  return {
    id: settings.id,
    server: server.id,
    fault: fault.id,
    workload: settings.workload.id,
    link: { kind: link.kind, roundTripMs },
    ...(idleLimitMs !== undefined && { idleLimitMs }),
    told: settings.told,
    planned: callers.reduce((sum, { steps }) => sum + steps.length, 0),
  };
}

function sideOf({ id, bareId }: ClientProcess['spec']): Side {
  return id === 'script' ? 'script' : bareId === undefined ? 'bare' : 'holdline';
}

/** The fault's rules go before the round's own, but for an idle limit, which a suite may choose. */
function rulesOf({ settings, fault }: RoundPlan): LinkRules {
  const rules = { delayMs: settings.delayMs, ...fault.link };
  const limit = settings.idleLimitMs;
  if (limit === undefined) return rules;
  return {
    ...rules,
    ...(rules.closeIdleMs !== undefined && { closeIdleMs: limit }),
    ...(rules.dropIdleMs !== undefined && { dropIdleMs: limit }),
    ...(rules.halfCloseIdleMs !== undefined && { halfCloseIdleMs: limit }),
  };
}

/** After how long an idle time a connection is no longer good, whoever sees to that. */
function idleLimitOf({ settings, fault }: RoundPlan, rules: LinkRules): number | undefined {
  if (fault.idleLimitMs !== undefined) return settings.idleLimitMs ?? fault.idleLimitMs;
  return rules.closeIdleMs ?? rules.dropIdleMs ?? rules.halfCloseIdleMs;
}

function drawTraffic(
  { settings, fault }: RoundPlan,
  idleLimitMs: number | undefined,
  roundTripMs: number,
  random: (stream: number) => Random,
): Caller[] {
  const { callers, durationMs, maxRequests, mix } = settings;
  const bounds = {
    callers,
    durationMs,
    maxRequests,
    mix,
    roundTripMs,
    ...(idleLimitMs !== undefined && { idleLimitMs }),
  };
  const workload = workloads[settings.workload.id];
  const options = v.parse(workload.options as v.GenericSchema, settings.workload.options);
  const drawn = workload.draw(options as never, bounds, random);
  if (!fault.directive) return [...drawn];
  const chance = random(FAULT_STREAM);
  return drawn.map((caller) => ({
    ...caller,
    steps: caller.steps.map((step) => {
      const directive = fault.directive?.(step, chance);
      return directive ? { ...step, directive } : step;
    }),
  }));
}

/** Streams of numbers below the callers' own. */
const FAULT_STREAM = -3;
const HAPPEN_STREAM = -4;

/** Lets happen what the fault does by itself; each deed goes into the history. */
async function happenings(
  { fault }: RoundPlan,
  server: RunningServer | undefined,
  stallClients: (forMs: number) => void,
  record: (record: { type: 'fault'; atMs: number; deed: string }) => void,
  random: (stream: number) => Random,
  ends: AbortSignal,
): Promise<void> {
  if (!fault.happen || !server) return;
  const world: World = {
    server,
    stallClients,
    sleep: (ms) => sleepUnless(ends, ms),
    tell: (deed) => record({ type: 'fault', atMs: monotonicMs(), deed }),
  };
  await fault.happen(world, random(HAPPEN_STREAM), ends);
}
