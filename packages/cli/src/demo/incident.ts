import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { type Crossing, findCrossings } from '../lab/links/trace.js';
import { type Arm, type Half, halves } from './arms.js';
import { check } from './checker.js';
import type { Child } from './child.js';
import { judge } from './criteria.js';
import type { History } from './history.js';
import { type Entry, readLedger } from './ledger.js';
import type { Link } from './link.js';
import { openLink } from './open-link.js';
import type { FromClient, FromServer, Measurement, Progress, Target, ToClient, ToServer } from './protocol.js';
import { tellStory } from './story.js';
import type { HalfResult, Summary } from './summary.js';
import { anyTimeWorkload, type Caller, fixedLimitWorkload } from './workload.js';

/** What the user may choose. */
export interface IncidentOptions {
  readonly seed: number;
  /** B's limit scaled down, and less traffic. */
  readonly fast: boolean;
}

/** How far the demo is. */
export type Stage =
  | { readonly stage: 'starting' }
  | { readonly stage: 'measuring'; readonly link: Pick<Link, 'kind' | 'delayMs' | 'lack'>; readonly expectedMs: number }
  | { readonly stage: 'calling'; readonly idleLimit: Measurement; readonly trafficMs: number }
  | { readonly stage: 'counting'; readonly arms: Readonly<Record<string, Progress>> }
  | { readonly stage: 'checking' };

type Server = Child<ToServer, FromServer>;
type Client = Child<ToClient, FromClient>;

const DELAY_MS = 8;
/** What Node adds to `keepAliveTimeout` before it closes; here only a guess for the progress line, as it is measured. */
const NODE_BUFFER_MS = 1_000;
/** An arm that sends nothing for this long is stuck; one that is slow, on a busy machine, is waited for. */
const STUCK_AFTER_MS = 15_000;

/** Sizes of a run. `--fast` has to keep B's advertised timeout at 2 s: at 1 s Node's own Agent reuses nothing. */
function sizesOf(fast: boolean) {
  return fast
    ? { keepAliveTimeoutMs: 2_000, trafficMs: 7_500, own: 96, foreign: 64, anyTimeLimitMs: 1_500 }
    : { keepAliveTimeoutMs: undefined, trafficMs: 40_000, own: 64, foreign: 32, anyTimeLimitMs: 4_500 };
}

/** Runs all arms of the incident side by side, and judges them. */
export async function runIncident(
  options: IncidentOptions,
  tell: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<Summary> {
  const directory = mkdtempSync(join(tmpdir(), 'holdline-demo-'));
  const children: Pick<Server, 'end'>[] = [];
  const endChildren = () => Promise.all(children.map((child) => child.end()));
  signal.addEventListener('abort', () => void endChildren());
  const keep: Keep = (child) => {
    children.push(child);
    if (signal.aborted) void child.end();
    return child;
  };
  let link: Link | undefined;
  try {
    tell({ stage: 'starting' });
    link = await openLink(DELAY_MS, directory);
    return await run(options, tell, link, directory, keep);
  } finally {
    await endChildren();
    await link?.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

type Keep = <One extends Pick<Server, 'end'>>(child: One) => One;

/** The name of the port on which B's limit is measured. */
const MEASURING = 'measuring';

async function run(
  { seed, fast }: IncidentOptions,
  tell: (stage: Stage) => void,
  link: Link,
  directory: string,
  keep: Keep,
): Promise<Summary> {
  const beganMs = monotonicMs();
  const sizes = sizesOf(fast);
  const common = { seed, trafficMs: sizes.trafficMs, roundTripMs: 2 * link.delayMs };
  const foreign = anyTimeWorkload({ ...common, callers: sizes.foreign, idleLimitMs: sizes.anyTimeLimitMs });
  const ledgerOf = (half: Half) => join(directory, `ledger-${half.id}.jsonl`);
  const { servers, bPorts } = await startServers(link, keep, foreign, ledgerOf, sizes.keepAliveTimeoutMs);
  const targets = await connect(link, bPorts);

  // All processes first: while seven of them start, nothing can be measured to a few milliseconds.
  const startClient = (name: string) => keep(link.startA<ToClient, FromClient>(`A (${name})`, './client.js'));
  const arms = halves.flatMap((half) => half.arms.map((arm) => ({ half, arm, client: startClient(arm.id) })));
  const probe = startClient(MEASURING);
  await Promise.all([...arms, { client: probe }].map(({ client }) => client.next('ready')));

  const { kind, delayMs, lack } = link;
  const linkFacts = { kind, delayMs, ...(lack && { lack }) };
  const expectedMs = (sizes.keepAliveTimeoutMs ?? 5_000) + NODE_BUFFER_MS;
  tell({ stage: 'measuring', link: linkFacts, expectedMs });
  probe.send({ type: 'measure', target: need(targets, MEASURING), connections: 9, giveUpAfterMs: expectedMs * 3 });
  const { measurement: idleLimit } = await probe.next('measured');
  await probe.end();

  tell({ stage: 'calling', idleLimit, trafficMs: sizes.trafficMs });
  const own = fixedLimitWorkload({ ...common, callers: sizes.own, idleLimitMs: idleLimit.measuredMs });
  const runs = arms.map(({ half, arm, client }): ArmRun => {
    return { half, arm, client, target: need(targets, arm.id), workload: half.id === 'own' ? own : foreign };
  });
  const histories = await callAll(runs, tell);

  tell({ stage: 'checking' });
  await Promise.all(arms.map(({ client }) => client.end()));
  for (const server of servers) {
    server.send({ type: 'stop' });
    await server.next('stopped');
  }
  const crossings = findCrossings(await link.stop());
  const results = halves.map((half) =>
    resultOf(half, histories, readLedger(ledgerOf(half)), crossings, bPorts, link.delayMs),
  );
  const planned = Object.fromEntries(runs.map(({ arm, workload }) => [arm.id, requestsIn(workload)]));
  const criteria = judge(results, planned);
  const ok = criteria.every(({ holds }) => holds);
  const tookMs = Math.round(monotonicMs() - beganMs);
  return { ok, criteria, seed, fast, tookMs, node: process.version, link: linkFacts, idleLimit, halves: results };
}

/** Starts B of each half, with a port for each arm, and one more to measure. */
async function startServers(
  link: Link,
  keep: Keep,
  foreign: readonly Caller[],
  ledgerOf: (half: Half) => string,
  keepAliveTimeoutMs: number | undefined,
): Promise<{ servers: Server[]; bPorts: Map<string, number> }> {
  const bPorts = new Map<string, number>();
  const servers = await Promise.all(
    halves.map(async (half) => {
      const server = keep(link.startB<ToServer, FromServer>(`B (${half.id})`, './server.js'));
      server.send({
        type: 'listen',
        half: half.id,
        host: link.serverHost,
        ledgerPath: ledgerOf(half),
        workload: half.id === 'foreign' ? foreign : [],
        arms: [...half.arms.map(({ id }) => id), ...(half.id === 'own' ? [MEASURING] : [])],
        ...(keepAliveTimeoutMs !== undefined && { keepAliveTimeoutMs }),
      });
      const { ports } = await server.next('listening');
      for (const [arm, port] of Object.entries(ports)) bPorts.set(arm, port);
      return server;
    }),
  );
  return { servers, bPorts };
}

/** Joins A to all ports of B; where each arm finds its own. */
async function connect(link: Link, bPorts: ReadonlyMap<string, number>): Promise<Map<string, Target>> {
  const found = await link.connect([...bPorts.values()]);
  return new Map(
    [...bPorts.keys()].flatMap((arm, index) => {
      const target = found[index];
      return target ? [[arm, target] as const] : [];
    }),
  );
}

interface ArmRun {
  readonly half: Half;
  readonly arm: Arm;
  readonly client: Client;
  readonly target: Target;
  readonly workload: readonly Caller[];
}

/** Lets all arms call B at the same time; what each of them saw. */
async function callAll(runs: readonly ArmRun[], tell: (stage: Stage) => void): Promise<Map<string, History>> {
  const counts: Record<string, Progress> = {};
  const histories = new Map<string, History>();
  await Promise.all(
    runs.map(async ({ half, arm, client, target, workload }) => {
      const stuck = setTimeout(() => client.send({ type: 'finish' }), STUCK_AFTER_MS);
      client.onMessage((message) => {
        if (message.type !== 'progress') return;
        if (message.progress.sent !== counts[arm.id]?.sent) stuck.refresh();
        counts[arm.id] = message.progress;
        tell({ stage: 'counting', arms: counts });
      });
      client.send({ type: 'run', arm, half: half.id, target, workload });
      const { history } = await client.next('done').finally(() => clearTimeout(stuck));
      histories.set(arm.id, history);
    }),
  );
  return histories;
}

/** Whose hang-up each half tells: the one that nothing cured, and the one that Holdline met. */
const STORY_ARM = { own: 'own-as-it-is', foreign: 'foreign-holdline' } as const;

function resultOf(
  half: Half,
  histories: ReadonlyMap<string, History>,
  ledger: readonly Entry[],
  crossings: readonly Crossing[],
  bPorts: ReadonlyMap<string, number>,
  delayMs: number,
): HalfResult {
  const crossingsOf = (arm: string) => crossings.filter(({ request }) => request.bPort === bPorts.get(arm));
  const arms = half.arms.map((arm) => ({
    ...arm,
    ...check(arm.id, need(histories, arm.id), ledger),
    crossings: crossingsOf(arm.id).length,
  }));
  const arm = STORY_ARM[half.id];
  const executed = (id: string) =>
    ledger.some((entry) => entry.event === 'executed' && entry.arm === arm && entry.id === id);
  const story = tellStory(arm, need(histories, arm), crossingsOf(arm), delayMs, executed);
  return { id: half.id, arms, ...(story && { story }) };
}

function requestsIn(workload: readonly Caller[]): number {
  return workload.reduce((sum, { steps }) => sum + steps.length, 0);
}

function need<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined)
    throw new Error(`nothing is known of ${String(key)}, expected one of ${[...map.keys()].join(', ')}`);
  return value;
}
