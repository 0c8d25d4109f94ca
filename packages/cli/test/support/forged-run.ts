import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionRecord, HistoryRecord, LedgerEntry } from '../../src/lab/records.js';
import type { Kind } from '../../src/lab/roles.js';
import type { Cell, Findings, Round, Summary } from '../../src/lab/summary.js';
import { type Random, seededRandom } from '../../src/random.js';

// Runs that never ran: folders as the lab leaves them, made up from a seed, for tests of what reads them.

export interface Forgery {
  /** Each is there bare and on Holdline. */
  readonly clients: readonly string[];
  readonly faults: readonly string[];
  /** Of each client, in each round. */
  readonly requests: number;
  readonly seed?: number;
  /** What goes wrong on Holdline, in the first round, with a request of this number. */
  readonly wrongs?: Readonly<Record<number, 'twice' | 'lost' | 'silent'>>;
  /** Stands in the error messages of bare clients. */
  readonly message?: string;
}

/** As large as the suite of all clients and all faults. */
export const largeForgery: Forgery = {
  clients: [
    'http-agent',
    'agentkeepalive',
    'undici-agent',
    'retry-agent',
    'fetch',
    'got',
    'axios',
    'axios-retry',
    'ky',
  ],
  faults: [
    ...['idle-close-fin', 'idle-close-reset', 'idle-close-408', 'restart', 'crash-before', 'crash-during'],
    ...['crash-after', 'sigstop', 'stall-a', 'stall-b', 'silent-drop', 'half-open', 'slow-close', 'early-response'],
    ...['max-requests', 'split-answer', 'delay', 'jitter', 'reorder', 'none'],
  ],
  requests: 24,
};

const LIMIT_MS = 300;
const ROUND_TRIP_MS = 20;
/** As the start of an idle time: the next request finds no connection that it could use. */
const NEVER_MS = -1e9;
const KINDS: readonly Kind[] = ['GET', 'POST', 'keyed POST'];

/** Writes a run's folder; returns its summary. */
export async function forgeRun(directory: string, forgery: Forgery): Promise<Summary> {
  const { clients, faults, requests, seed = 7 } = forgery;
  const rounds: Round[] = [];
  for (const [index, fault] of faults.entries()) {
    const id = `${String(index + 1).padStart(2, '0')}-${fault}`;
    const skipped =
      fault === 'reorder'
        ? { what: 'a link of packets needs root', remedy: 'sudo holdline lab run matrix' }
        : undefined;
    const history: HistoryRecord[] = [];
    const ledger: LedgerEntry[] = [];
    const cells = clients.flatMap((client, row) =>
      [false, true].map((onHoldline): Cell => {
        const name = {
          client: onHoldline ? `${client}-holdline` : client,
          title: onHoldline ? `${client} on Holdline` : client,
        };
        const common = { ...name, ...(onHoldline && { bareId: client }), decides: onHoldline };
        if (skipped !== undefined) return { ...common, verdict: 'unknown', reasons: [], skipped };
        const forger = new CellForger(
          name.client,
          onHoldline,
          fault,
          seededRandom(seed, index * 64 + row * 2 + (onHoldline ? 1 : 0)),
        );
        forger.run(requests, onHoldline && index === 0 && row === 0 ? (forgery.wrongs ?? {}) : {}, forgery.message);
        history.push(...forger.history);
        ledger.push(...forger.ledger);
        return { ...common, ...forger.judge(onHoldline) };
      }),
    );
    rounds.push({
      id,
      server: index % 5 === 4 ? 'nginx' : 'node',
      fault,
      workload: 'aimed',
      link: { kind: 'packets', roundTripMs: ROUND_TRIP_MS },
      ...(fault.startsWith('crash') || fault === 'none' ? {} : { idleLimitMs: LIMIT_MS, clientLagMs: 4 }),
      told: 'nothing',
      planned: requests,
      ...(skipped !== undefined && { skipped }),
      cells,
    });
    if (skipped !== undefined) continue;
    await mkdir(join(directory, 'rounds', id), { recursive: true });
    await writeFile(join(directory, 'rounds', id, 'history.ndjson'), lines(history));
    await writeFile(join(directory, 'rounds', id, 'ledger.ndjson'), lines(ledger));
  }
  const deciding = rounds
    .flatMap(({ cells }) => cells)
    .filter(({ decides, skipped }) => decides && skipped === undefined);
  const summary: Summary = {
    format: 1,
    verdict: deciding.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass',
    suite: 'matrix',
    seed,
    commandLine: ['holdline', 'lab', 'run', 'matrix'],
    startedAt: '2026-03-01T10:20:30.000Z',
    tookMs: 663_000,
    complete: true,
    versions: { node: '20.20.2', holdline: '0.1.0', undici: '7.30.2', got: '14.6.6', axios: '1.21.1', nginx: '1.22.1' },
    machine: { platform: 'linux x64', cpus: 2 },
    rounds,
  };
  await writeFile(join(directory, 'summary.json'), JSON.stringify(summary));
  return summary;
}

function lines(records: readonly { readonly atMs: number }[]): string {
  return records
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
}

/** One caller of one client: it sends, waits, and now and then hits B's close. */
class CellForger {
  readonly history: HistoryRecord[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly #latencies = { once: [] as number[], cured: [] as number[] };
  readonly #bins = Array.from({ length: 20 }, (_, index) => ({
    fromMs: index * 25,
    toMs: (index + 1) * 25,
    requests: 0,
    hungUp: 0,
  }));
  readonly #reuse = { GET: forKind(), POST: forKind(), 'keyed POST': forKind() };
  readonly #hungUp = { GET: 0, POST: 0, 'keyed POST': 0 };
  readonly #count = { answered: 0, executed: 0, notExecuted: 0, silent: 0, lost: 0, twice: 0, crossings: 0, cured: 0 };
  #connection = -1;
  #nowMs = 10_000;
  #idleFromMs = NEVER_MS;

  constructor(
    readonly client: string,
    readonly onHoldline: boolean,
    readonly fault: string,
    readonly random: Random,
  ) {}

  run(
    requests: number,
    wrongs: Readonly<Record<number, 'twice' | 'lost' | 'silent'>>,
    message = 'socket hang up',
  ): void {
    this.#nowMs += this.random.between(0, 50);
    for (let number = 0; number < requests; number += 1) {
      this.#request(`r-${number}`, KINDS[number % 3] ?? 'GET', wrongs[number], message);
      const aimed = this.random.chance(0.3);
      this.#nowMs += aimed ? this.random.between(LIMIT_MS - 25, LIMIT_MS + 10) : this.random.between(1, 450);
    }
  }

  #request(id: string, kind: Kind, wrong: 'twice' | 'lost' | 'silent' | undefined, message: string): void {
    const { client } = this;
    const idleMs = this.#nowMs - this.#idleFromMs;
    const cutoffMs = this.onHoldline ? LIMIT_MS - 12 : LIMIT_MS;
    const limited = !this.fault.startsWith('crash') && this.fault !== 'none';
    const gone = this.#idleFromMs === NEVER_MS;
    const fresh = gone || (limited && idleMs > cutoffMs);
    const oracleFresh = gone || (limited && idleMs > LIMIT_MS - 8);
    const sentMs = this.#nowMs;
    this.history.push({ type: 'sent', atMs: sentMs, client, id, kind, caller: 0 });
    if (fresh) this.#open(gone ? undefined : 'B');
    this.#reuse[kind].requests += 1;
    if (!fresh) this.#reuse[kind].reused += 1;
    if (!oracleFresh) this.#reuse[kind].oracle += 1;
    const bin = fresh ? undefined : this.#bins[Math.floor(idleMs / 25)];
    if (bin !== undefined) bin.requests += 1;

    this.#link('A', 'request', this.#nowMs + 0.2, 180);
    const crosses =
      !fresh && limited
        ? idleMs > LIMIT_MS - ROUND_TRIP_MS
        : !limited && this.fault !== 'none' && this.random.chance(0.1);
    if (crosses) this.#cross(id, kind, sentMs, bin, message);
    else this.#answer(id, kind, sentMs, wrong);
  }

  #cross(id: string, kind: Kind, sentMs: number, bin: { hungUp: number } | undefined, message: string): void {
    const { client } = this;
    const executed = this.fault === 'crash-after' || this.fault === 'crash-during';
    this.#count.crossings += 1;
    if (executed) this.#execute(id, kind, sentMs + 11);
    this.#link('link', 'crossing', sentMs + 3, undefined);
    this.#link('B', 'fin', sentMs + 9, undefined);
    this.#nowMs = sentMs + 21;
    this.#link('B', 'reset', this.#nowMs, undefined);
    if (this.onHoldline && (kind !== 'POST' || !executed)) {
      const reason = kind === 'GET' ? 'idempotent' : kind === 'POST' ? 'undelivered' : 'keyed';
      this.#open(undefined);
      this.#link('A', 'request', this.#nowMs + 0.2, 180);
      this.#count.cured += 1;
      this.#answer(id, kind, sentMs, undefined, reason);
      return;
    }
    if (bin !== undefined) bin.hungUp += 1;
    this.#hungUp[kind] += 1;
    this.#count[executed ? 'executed' : 'notExecuted'] += 1;
    this.history.push({
      type: 'failed',
      atMs: this.#nowMs,
      client,
      id,
      code: 'ECONNRESET',
      message,
      hangUp: true,
      ...(this.onHoldline && { reason: 'not-idempotent' }),
      port: this.#port(),
    });
    this.#idleFromMs = NEVER_MS;
  }

  #answer(
    id: string,
    kind: Kind,
    sentMs: number,
    wrong: 'twice' | 'lost' | 'silent' | undefined,
    reason?: string,
  ): void {
    const { client } = this;
    const tookMs = ROUND_TRIP_MS + 1 + this.random.next() ** 8 * 200;
    if (wrong !== 'lost') this.#execute(id, kind, this.#nowMs + 11);
    if (wrong === 'twice') this.#execute(id, kind, this.#nowMs + 16);
    if (wrong === 'twice') this.#count.twice += 1;
    if (wrong === 'lost') this.#count.lost += 1;
    this.#nowMs += tookMs;
    this.#idleFromMs = this.#nowMs;
    if (wrong === 'silent') {
      this.#count.silent += 1;
      return;
    }
    this.#link('B', 'answer', this.#nowMs - 0.2, 120);
    if (reason !== undefined) this.history.push({ type: 'replayed', atMs: this.#nowMs, client, id, reason, ok: true });
    this.history.push({
      type: 'answered',
      atMs: this.#nowMs,
      client,
      id,
      status: 200,
      answerId: id,
      port: this.#port(),
    });
    this.#count.answered += 1;
    this.#latencies[reason === undefined ? 'once' : 'cured'].push(this.#nowMs - sentMs);
  }

  #execute(id: string, kind: Kind, atMs: number): void {
    this.ledger.push({ event: 'executed', atMs, client: this.client, id, kind, effect: true });
  }

  #open(closedBy: 'B' | undefined): void {
    if (closedBy === 'B' && this.#connection >= 0) {
      this.#link('B', 'fin', this.#idleFromMs + LIMIT_MS, undefined);
      this.#link('A', 'fin', this.#idleFromMs + LIMIT_MS + 1, undefined);
    }
    this.#connection += 1;
    this.#link('A', 'open', this.#nowMs, undefined);
    this.ledger.push({ event: 'connected', atMs: this.#nowMs + ROUND_TRIP_MS, client: this.client });
    this.#nowMs += ROUND_TRIP_MS;
  }

  #port(): number {
    return 40_000 + this.#connection;
  }

  #link(from: ConnectionRecord['from'], what: ConnectionRecord['what'], atMs: number, bytes: number | undefined): void {
    const common = {
      type: 'connection',
      atMs,
      client: this.client,
      connection: this.#connection,
      port: this.#port(),
    } as const;
    this.history.push({ ...common, from, what, ...(bytes !== undefined && { bytes }) });
  }

  judge(onHoldline: boolean): Pick<Cell, 'verdict' | 'reasons' | 'findings'> {
    const { answered, executed, notExecuted, silent, lost, twice, crossings, cured } = this.#count;
    const hungUp = this.#hungUp;
    const requests = KINDS.reduce((sum, kind) => sum + this.#reuse[kind].requests, 0);
    const connects = KINDS.reduce((sum, kind) => sum + this.#reuse[kind].requests - this.#reuse[kind].reused, 0);
    const findings: Findings = {
      sent: requests,
      answered,
      hungUp,
      surfacedNotExecuted: notExecuted,
      surfacedExecuted: executed,
      uncured: 0,
      surfacedBy: onHoldline && executed > 0 ? { 'not-idempotent': executed } : {},
      failedBy: {},
      silent,
      lost,
      mixedUp: 0,
      twice: { GET: 0, POST: twice, 'keyed POST': 0 },
      crossings,
      replayedBy: cured > 0 ? { idempotent: cured } : {},
      latencyMs: quantiles(this.#latencies.once),
      ...(cured > 0 && { curedLatencyMs: quantiles(this.#latencies.cured) }),
      connects: connects + cured,
      oracleConnects: KINDS.reduce((sum, kind) => sum + this.#reuse[kind].requests - this.#reuse[kind].oracle, 0),
      reuse: this.#reuse,
      byIdleTime: this.#bins,
    };
    const reasons = [
      ...(twice > 0 ? [`${twice} × POST executed twice`] : []),
      ...(lost > 0 ? [`${lost} × answered, but not in the ledger`] : []),
      ...(silent > 0 ? [`${silent} × neither answer nor error`] : []),
      ...(notExecuted > 0 ? [`${notExecuted} × hung up though B had not executed it`] : []),
    ];
    if (!onHoldline) return { verdict: 'pass', reasons: [], findings };
    if (reasons.length > 0) return { verdict: 'fail', reasons, findings };
    const shown = crossings > 0 || this.fault === 'none';
    return shown
      ? { verdict: 'pass', reasons: [], findings }
      : { verdict: 'unknown', reasons: ['no request met a close on its way'], findings };
  }
}

function forKind() {
  return { requests: 0, reused: 0, oracle: 0 };
}

function quantiles(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
