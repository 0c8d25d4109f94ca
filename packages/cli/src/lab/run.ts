import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { type ClientProcess, startClient } from './client-process.js';
import { worst } from './criteria.js';
import type { Counts } from './play.js';
import type { ClientSpec, Fault, Lack, Link, ServerSpec } from './roles.js';
import { type RoundResult, runRound } from './round.js';
import type { Store } from './store.js';
import { DEFAULTS, type RoundSettings, type Suite } from './suite.js';
import type { Cell, Round, Summary, Verdict } from './summary.js';

/** The members of the roles that a run can draw upon. */
export interface Parts {
  readonly servers: readonly ServerSpec[];
  readonly faults: readonly Fault[];
  readonly clients: readonly ClientSpec[];
  /**
   * Opens a link of a kind; `any` is the truest that this machine allows. Tells what is lacking for one of packets: with a
   * link beside it, it is a relay instead.
   */
  openLink(kind: RoundSettings['link'], directory: string, seed: number): Promise<{ link?: Link; lack?: Lack }>;
}

/** What is to be run. */
export interface RunOptions {
  readonly suite: Suite;
  readonly parts: Parts;
  readonly seed: number;
  /** The clients' ids that the user narrowed the run to; empty for all that the suite names. */
  readonly onlyClients: readonly string[];
  readonly store: Store;
  /** What the summary says of the run besides. */
  readonly about: Pick<Summary, 'commandLine' | 'startedAt' | 'machine' | 'versions'>;
}

/** How far a run is. */
export type Stage =
  | { readonly stage: 'note'; readonly text: string }
  | { readonly stage: 'starting'; readonly round: RoundSettings; readonly number: number; readonly of: number }
  | { readonly stage: 'counting'; readonly counts: Counts }
  | { readonly stage: 'judged'; readonly round: Round; readonly number: number; readonly of: number };

/** Runs the rounds of a suite; what was found is on disk after each. Ends early, and incomplete, if it is interrupted. */
export async function runSuite(
  options: RunOptions,
  tell: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<Summary> {
  const { suite, seed, store, about } = options;
  const beganMs = monotonicMs();
  const rounds: Round[] = [];
  const versions: Record<string, string> = { ...about.versions };
  const cast = new Cast(options);
  const summarize = (complete: boolean): Summary => ({
    format: 1,
    verdict: complete ? verdictOf(rounds) : worst([verdictOf(rounds), 'unknown']),
    suite: suite.name,
    seed,
    ...about,
    tookMs: Math.round(monotonicMs() - beganMs),
    complete,
    versions,
    rounds,
  });
  const of = suite.rounds.length;
  try {
    for (const [index, settings] of suite.rounds.entries()) {
      if (signal.aborted) break;
      tell({ stage: 'starting', round: settings, number: index + 1, of });
      const result = await oneRound(options, cast, settings, tell, signal);
      if (!result) break;
      rounds.push(result.round);
      Object.assign(versions, cast.versions(), result.versions);
      store.save(summarize(false));
      tell({ stage: 'judged', round: result.round, number: index + 1, of });
    }
  } finally {
    await cast.end();
  }
  const summary = summarize(!signal.aborted && rounds.length === of);
  store.save(summary);
  return summary;
}

/** The verdict of a run: that of the cells that decide, and unknown for what did not run. */
export function verdictOf(rounds: readonly Round[]): Verdict {
  return worst(
    rounds.flatMap(({ skipped, cells }): Verdict[] =>
      skipped ? ['unknown'] : cells.filter(({ decides }) => decides).map(({ verdict }) => verdict),
    ),
  );
}

/** Nothing if it was interrupted. */
async function oneRound(
  { parts, suite, seed, store }: RunOptions,
  cast: Cast,
  settings: RoundSettings,
  tell: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<{ round: Round; versions: Readonly<Record<string, string>> } | undefined> {
  const server = named(parts.servers, settings.server, 'server');
  const fault = named(parts.faults, settings.fault, 'fault');
  const skip = ({ what, remedy }: Lack) => ({ round: skippedRound(settings, { what, remedy }), versions: {} });
  const unmet = fault.needs?.directives?.filter((each) => !server.obeys.includes(each)) ?? [];
  if (unmet.length > 0)
    return skip({ what: `${server.title} cannot be told to ${unmet.join(', ')}`, remedy: 'take node as the server' });
  if (fault.maxRequestsPerConnection !== undefined && !server.countsRequests)
    return skip({ what: `${server.title} does not count a connection's requests`, remedy: 'take node as the server' });
  const lack = await server.lack?.();
  if (lack) return skip(lack);
  const { link, lack: noPackets } = await cast.link(fault.needs?.packets ? 'packets' : settings.link, tell);
  if (!link) return skip(noPackets ?? { what: 'there is no link', remedy: 'link: relay' });
  const { players, absent, fresh } = await cast.players(link, settings);
  let result: RoundResult;
  try {
    if (fresh.length > 0) await warmUp(parts, fresh, link, join(store.scratch, settings.id), signal);
    const plan = { settings, server, fault, link, clients: players, seed: seedOf(seed, settings.id) };
    const counts = (told: Counts) => tell({ stage: 'counting', counts: told });
    result = await runRound({ ...plan, directory: store.roundDirectory(settings.id) }, counts, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    const [what = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return skip({ what, remedy: `holdline lab run ${suite.name} --only '^${settings.id}$' --seed ${seed}` });
  }
  const { round, serverVersion } = result;
  const [name = server.id, version = ''] = serverVersion.split('/');
  return { round: { ...round, cells: [...round.cells, ...absent] }, versions: { [name]: version || serverVersion } };
}

/**
 * A round that nobody judges. The first requests of a process load and compile what it is made of; with many that do so at
 * once on few processors they take longer than a timeout, and the first round would show that and nothing else.
 */
async function warmUp(
  { servers, faults }: Parts,
  clients: readonly ClientProcess[],
  link: Link,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const settings: RoundSettings = {
    ...DEFAULTS,
    ...{ id: 'warm-up', server: 'node', fault: 'none', clients: [] },
    ...{ callers: 2, durationMs: 500, maxRequests: 40, timeoutMs: 30_000, delayMs: 0 },
    workload: { id: 'steady', options: { everyMs: 10 } },
  };
  const [server, fault] = [named(servers, settings.server, 'server'), named(faults, settings.fault, 'fault')];
  await runRound({ settings, server, fault, link, clients, seed: 0, directory }, () => {}, signal);
}

/** Each round's traffic depends on its name only, so that it is the same whichever other rounds are run. */
function seedOf(seed: number, id: string): number {
  return createHash('sha256').update(`${seed} ${id}`).digest().readUInt32LE(0);
}

function skippedRound(settings: RoundSettings, skipped: Lack): Round {
  return {
    id: settings.id,
    server: settings.server,
    fault: settings.fault,
    workload: settings.workload.id,
    link: { kind: settings.link === 'packets' ? 'packets' : 'relay', roundTripMs: 2 * settings.delayMs },
    told: settings.told,
    planned: 0,
    skipped,
    cells: [],
  };
}

function named<Member extends { readonly id: string }>(members: readonly Member[], id: string, role: string): Member {
  const found = members.find((member) => member.id === id);
  if (!found)
    throw new RangeError(`there is no ${role} ${id}, expected one of ${members.map((one) => one.id).join(', ')}`);
  return found;
}

/** The clients of a round; `fresh` are those that have only just been started. */
interface Players {
  readonly players: readonly ClientProcess[];
  readonly absent: readonly Cell[];
  readonly fresh: readonly ClientProcess[];
}

/** The links and clients of a run: they are started when a round first needs them, and live as long as it. */
class Cast {
  readonly #options: RunOptions;
  readonly #links = new Map<string, { link?: Link; lack?: Lack }>();
  readonly #processes = new Map<Link, Map<string, ClientProcess>>();

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async link(kind: RoundSettings['link'], tell: (stage: Stage) => void): Promise<{ link?: Link; lack?: Lack }> {
    const { parts, store, seed } = this.#options;
    const known = this.#links.get(kind);
    if (known) return known;
    const opened = await parts.openLink(kind, store.scratch, seed);
    this.#links.set(kind, opened);
    const { link, lack } = opened;
    if (link && lack)
      tell({ stage: 'note', text: `Link: a relay, as a link of packets needs ${lack.what}; ${lack.remedy} has one.` });
    return opened;
  }

  /** The clients of a round, and cells for those that cannot take part. */
  async players(link: Link, { clients: wanted }: RoundSettings): Promise<Players> {
    const { parts, onlyClients } = this.#options;
    const specs = parts.clients.filter(
      (spec) => isWanted(spec, wanted) && (onlyClients.length === 0 || onlyClients.some((one) => isChosen(spec, one))),
    );
    const processes = this.#processes.get(link) ?? new Map<string, ClientProcess>();
    this.#processes.set(link, processes);
    const absent: Cell[] = [];
    const fresh: ClientProcess[] = [];
    const players: ClientProcess[] = [];
    for (const spec of specs) {
      const lack = await spec.lack?.();
      if (lack) {
        const { id: client, title, bareId } = spec;
        const decides = bareId !== undefined;
        const reasons = [`${lack.what}: ${lack.remedy}`];
        absent.push({
          client,
          title,
          ...(bareId !== undefined && { bareId }),
          verdict: 'unknown',
          decides,
          reasons,
          skipped: lack,
        });
        continue;
      }
      let process = processes.get(spec.id);
      if (!process || process.failure !== undefined) {
        process = startClient(spec, link.on('A'));
        processes.set(spec.id, process);
        fresh.push(process);
      }
      players.push(process);
    }
    return { players, absent, fresh };
  }

  versions(): Record<string, string> {
    const all = [...this.#processes.values()].flatMap((processes) => [...processes.values()]);
    return Object.assign({}, ...all.map((process) => process.versions)) as Record<string, string>;
  }

  async end(): Promise<void> {
    const all = [...this.#processes.values()].flatMap((processes) => [...processes.values()]);
    await Promise.all(all.map((process) => process.end()));
    for (const { link } of this.#links.values()) await link?.remove();
  }
}

function isWanted({ id, bareId }: ClientSpec, wanted: readonly string[]): boolean {
  if (id === 'script' || wanted.includes('all') || wanted.includes(id)) return true;
  return bareId === undefined ? wanted.includes('bare') : wanted.includes('holdline');
}

/** `--clients got` means got both bare and on Holdline; `holdline` and `bare` all of a side. */
function isChosen({ id, bareId }: ClientSpec, chosen: string): boolean {
  return (
    id === chosen ||
    bareId === chosen ||
    isWanted({ id, ...(bareId !== undefined && { bareId }) } as ClientSpec, [chosen])
  );
}
