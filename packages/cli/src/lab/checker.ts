import { consultOracle, type Interval } from './oracle.js';
import type {
  AnsweredRecord,
  FailedRecord,
  HistoryRecord,
  LedgerEntry,
  ReplayedRecord,
  SentRecord,
} from './records.js';
import type { Kind } from './roles.js';
import type { Findings, PerKind, Quantiles } from './summary.js';

/** What the checker has to know of a round, besides what was written down. */
export interface RoundFacts {
  readonly client: string;
  readonly callersPerPool: number;
  /** B's true limit, in ms; left out: it has none. */
  readonly idleLimitMs?: number;
  readonly maxRequestsPerConnection?: number;
  readonly roundTripMs: number;
}

/** One request, from all that was written down of it. */
interface Call {
  readonly sent: SentRecord;
  readonly outcome?: AnsweredRecord | FailedRecord;
  readonly executed: number;
  readonly effects: number;
  readonly replay?: ReplayedRecord;
}

const KINDS: readonly Kind[] = ['GET', 'POST', 'keyed POST'];
/** A bucket of the picture of the danger window: so many of them make up the idle limit. */
const BUCKETS_IN_LIMIT = 40;

/**
 * Surfacing is right where Holdline may not send again: a connection that was new, a request that was sent again
 * already, is not kept whole, was being answered or was aborted, a budget that is used up, no connection for the replay.
 */
const RIGHTLY_SURFACED: ReadonlySet<string> = new Set([
  'aborted',
  'response-started',
  'fresh-connection',
  'already-replayed',
  'not-recorded',
  'budget-empty',
  'replay-connect-failed',
]);

/** Finds out what became of a client's requests, by its history and B's ledger. A pure function. */
export function check(facts: RoundFacts, history: readonly HistoryRecord[], ledger: readonly LedgerEntry[]): Findings {
  const own = history.filter((record) => record.type !== 'fault' && record.client === facts.client);
  const calls = callsOf(own, ledger, facts.client);
  const answered = calls.filter(isAnswered);
  const hungUp = calls.filter((call) => isHangUp(call.outcome));
  const otherwise = calls.filter(({ outcome }) => outcome !== undefined && !isSuccess(outcome) && !isHangUp(outcome));
  const cured = answered.filter(({ replay }) => replay?.ok);
  const journeys = followConnections(calls, own);
  const fresh = new Set(journeys.filter(({ reused }) => !reused).map(({ call }) => call));
  const links = own.filter((record) => record.type === 'connection');
  const opened = links.filter(({ what }) => what === 'open').length;
  const prophecy = consultOracle(
    calls.map(
      ({ sent, outcome }): Interval<Kind> => ({
        startMs: sent.atMs,
        endMs: outcome?.atMs ?? Number.POSITIVE_INFINITY,
        kind: sent.kind,
        pool: Math.floor(sent.caller / facts.callersPerPool),
      }),
    ),
    facts,
  );
  return {
    sent: calls.length,
    answered: answered.length,
    hungUp: perKind(hungUp),
    surfacedNotExecuted: hungUp.filter(({ executed }) => executed === 0).length,
    surfacedExecuted: hungUp.filter(({ executed }) => executed > 0).length,
    surfacedBy: tally(hungUp.flatMap((call) => reasonOf(call, fresh) ?? [])),
    uncured: hungUp.filter((call) => isUncured(call, fresh)).length,
    failedBy: tally(otherwise.flatMap(({ outcome }) => (outcome ? [nameOf(outcome)] : []))),
    silent: calls.filter(({ outcome }) => outcome === undefined).length,
    lost: answered.filter(({ executed }) => executed === 0).length,
    mixedUp: answered.filter(({ sent, outcome }) => isMixedUp(sent, outcome)).length,
    twice: perKind(
      calls.filter(({ sent, executed, effects }) => (sent.kind === 'keyed POST' ? effects : executed) > 1),
    ),
    crossings: links.filter(({ what }) => what === 'crossing').length,
    replayedBy: tally(cured.flatMap(({ replay }) => replay?.reason ?? [])),
    latencyMs: quantiles(answered),
    ...(cured.length > 0 && { curedLatencyMs: quantiles(cured) }),
    connects:
      opened > 0
        ? opened
        : ledger.filter((entry) => entry.event === 'connected' && entry.client === facts.client).length,
    oracleConnects: prophecy.connects,
    reuse: Object.fromEntries(
      KINDS.map((kind) => {
        const ofKind = journeys.filter(({ call }) => call.sent.kind === kind);
        const reused = ofKind.filter(({ reused: yes }) => yes).length;
        return [kind, { requests: ofKind.length, reused, oracle: prophecy.reused.get(kind) ?? 0 }];
      }),
    ) as Findings['reuse'],
    byIdleTime: byIdleTime(journeys, facts.idleLimitMs),
  };
}

function callsOf(own: readonly HistoryRecord[], ledger: readonly LedgerEntry[], client: string): Call[] {
  const executions = new Map<string, { times: number; effects: number }>();
  for (const entry of ledger) {
    if (entry.event !== 'executed' || entry.client !== client) continue;
    const so = executions.get(entry.id) ?? { times: 0, effects: 0 };
    executions.set(entry.id, { times: so.times + 1, effects: so.effects + (entry.effect ? 1 : 0) });
  }
  const outcomes = new Map<string, AnsweredRecord | FailedRecord>();
  const replays = new Map<string, ReplayedRecord>();
  for (const record of own) {
    if (record.type === 'answered' || record.type === 'failed') outcomes.set(record.id, record);
    else if (record.type === 'replayed') replays.set(record.id, record);
  }
  return own
    .filter((record) => record.type === 'sent')
    .map((sent) => {
      const outcome = outcomes.get(sent.id);
      const replay = replays.get(sent.id);
      const { times = 0, effects = 0 } = executions.get(sent.id) ?? {};
      return { sent, executed: times, effects, ...(outcome && { outcome }), ...(replay && { replay }) };
    });
}

type Outcome = AnsweredRecord | FailedRecord | undefined;

/** An answer that is no success says that B did not do it: an error like another. */
function isSuccess(outcome: Outcome): outcome is AnsweredRecord {
  return outcome?.type === 'answered' && outcome.status >= 200 && outcome.status < 300;
}

function isAnswered(call: Call): call is Call & { readonly outcome: AnsweredRecord } {
  return isSuccess(call.outcome);
}

/** A 408 that was there when the request came belongs to nothing that was asked: B was closing the connection. */
function isHangUp(outcome: Outcome): boolean {
  return outcome?.type === 'failed' ? outcome.hangUp : outcome?.type === 'answered' && outcome.status === 408;
}

/** A plain POST may surface, where nothing shows that B did not get it. */
function isUncured(call: Call, fresh: ReadonlySet<Call>): boolean {
  const reason = reasonOf(call, fresh);
  return call.sent.kind !== 'POST' && !(reason !== undefined && RIGHTLY_SURFACED.has(reason));
}

/**
 * Why a hang-up surfaced. A 408 that was handed to the client says itself what it is; on a connection that was new it is no
 * matter of reuse.
 */
function reasonOf(call: Call, fresh: ReadonlySet<Call>): string | undefined {
  if (call.outcome?.type !== 'answered') return call.outcome?.reason;
  return fresh.has(call) ? 'fresh-connection' : 'answered-408';
}

function isMixedUp({ id }: SentRecord, { answerId }: AnsweredRecord): boolean {
  return answerId !== undefined && answerId !== id;
}

function nameOf(outcome: AnsweredRecord | FailedRecord): string {
  return outcome.type === 'failed' ? outcome.code : `HTTP ${outcome.status}`;
}

/** What is known of the connection that a request came to its end on. */
interface Journey {
  readonly call: Call;
  /** It had served a request before. */
  readonly reused: boolean;
  /** For how long it had been idle, in ms. */
  readonly idleMs?: number;
}

/** Follows the requests from connection to connection, by A's ports; those of whom the client tells no port are left out. */
function followConnections(calls: readonly Call[], own: readonly HistoryRecord[]): Journey[] {
  const opens = new Map<number, number[]>();
  for (const record of own) {
    if (record.type !== 'connection' || record.what !== 'open' || record.port === undefined) continue;
    opens.set(record.port, [...(opens.get(record.port) ?? []), record.atMs]);
  }
  const lastEndMs = new Map<number, number>();
  const ended = calls.filter(({ outcome }) => outcome?.port !== undefined);
  ended.sort((one, other) => one.sent.atMs - other.sent.atMs);
  return ended.map((call) => {
    const { sent, outcome } = call;
    const port = outcome?.port ?? 0;
    const before = lastEndMs.get(port);
    // A port may come again with another connection.
    const anew = before !== undefined && opens.get(port)?.some((atMs) => atMs > before && atMs <= (outcome?.atMs ?? 0));
    lastEndMs.set(port, outcome?.atMs ?? 0);
    const reused = before !== undefined && !anew;
    return { call, reused, ...(reused && { idleMs: Math.max(0, sent.atMs - before) }) };
  });
}

function byIdleTime(journeys: readonly Journey[], idleLimitMs: number | undefined): Findings['byIdleTime'] {
  const widthMs = (idleLimitMs ?? 4_000) / BUCKETS_IN_LIMIT;
  const buckets = new Map<number, { requests: number; hungUp: number }>();
  for (const { call, idleMs } of journeys) {
    if (idleMs === undefined) continue;
    const number = Math.floor(idleMs / widthMs);
    const bucket = buckets.get(number) ?? { requests: 0, hungUp: 0 };
    bucket.requests++;
    if (isHangUp(call.outcome)) bucket.hungUp++;
    buckets.set(number, bucket);
  }
  return [...buckets]
    .sort(([one], [other]) => one - other)
    .map(([number, counts]) => ({ fromMs: number * widthMs, toMs: (number + 1) * widthMs, ...counts }));
}

function perKind(calls: readonly Call[]): PerKind {
  const counts = { GET: 0, POST: 0, 'keyed POST': 0 };
  for (const { sent } of calls) counts[sent.kind]++;
  return counts;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function quantiles(calls: readonly (Call & { readonly outcome: AnsweredRecord })[]): Quantiles {
  const sorted = calls.map(({ sent, outcome }) => outcome.atMs - sent.atMs).sort((one, other) => one - other);
  const at = (q: number) => round(sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** To hundredths: more is noise. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
