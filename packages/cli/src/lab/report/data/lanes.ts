import type { ConnectionRecord } from '../../records.js';
import type { Scene } from './scene.js';

/** A scene laid out in lanes. Times are in ms from the moment the caller handed over the request. */
export interface Lanes {
  readonly fromMs: number;
  readonly toMs: number;
  readonly request: RequestLane;
  readonly connections: readonly ConnectionLane[];
  /** Connections of the client that are left out. */
  readonly leftOut: number;
}

export interface RequestLane {
  readonly kind: string;
  readonly endMs: number;
  readonly ending: 'answered' | 'failed' | 'silent';
  /** The status, or the error's code. */
  readonly said: string;
  readonly message?: string;
  /** Why it was sent again, and when the client told so. */
  readonly replays: readonly { readonly atMs: number; readonly reason: string }[];
  readonly executedMs: readonly number[];
}

export interface ConnectionLane {
  readonly connection: number;
  /** Whether the request itself was on it, as far as the client says. */
  readonly own: boolean;
  readonly segments: readonly Segment[];
  readonly marks: readonly Mark[];
}

export interface Segment {
  readonly state: 'busy' | 'idle';
  readonly fromMs: number;
  readonly toMs: number;
  /** How long the connection had been idle at its end, for an idle one that ends here. */
  readonly idleMs?: number;
}

export interface Mark {
  readonly what: 'open' | 'fin' | 'reset' | 'drop' | 'crossing' | 'replay';
  readonly from: ConnectionRecord['from'];
  readonly atMs: number;
}

const MOST_CONCERNED = 5;
/** Some, for they are what the client might have taken instead; more would hide the incident. */
const MOST_OTHERS = 2;

export function lanesOf(scene: Scene): Lanes {
  const originMs = scene.request.find(({ type }) => type === 'sent')?.atMs ?? scene.incident.atMs;
  const ports = new Set(scene.request.flatMap((record) => ('port' in record ? [record.port] : [])));
  const ranked = byConnection(scene.connections)
    .map((records) => ({ records, rank: rankOf(records, ports, scene.fromMs) }))
    .toSorted((a, b) => b.rank - a.rank);
  const shown = [
    ...ranked.filter(({ rank }) => rank >= ENDED).slice(0, MOST_CONCERNED),
    ...ranked.filter(({ rank }) => rank === BUSY).slice(0, MOST_OTHERS),
  ];
  return {
    fromMs: scene.fromMs - originMs,
    toMs: scene.toMs - originMs,
    request: requestLane(scene, originMs),
    connections: shown
      .map(({ records, rank }) => connectionLane(records, rank === OWN, scene, originMs))
      .toSorted((a, b) => a.connection - b.connection),
    leftOut: ranked.length - shown.length,
  };
}

function byConnection(records: readonly ConnectionRecord[]): readonly (readonly ConnectionRecord[])[] {
  const groups = new Map<number, ConnectionRecord[]>();
  for (const record of records) {
    const group = groups.get(record.connection);
    if (group === undefined) groups.set(record.connection, [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

const OWN = 3;
const ENDED = 2;
const BUSY = 1;

/** How much a connection has to do with the incident. */
function rankOf(records: readonly ConnectionRecord[], ports: ReadonlySet<number | undefined>, fromMs: number): number {
  if (records.some(({ port }) => port !== undefined && ports.has(port))) return OWN;
  const within = records.filter(({ atMs }) => atMs >= fromMs);
  if (within.some(({ what }) => what === 'crossing' || what === 'reset' || what === 'drop')) return ENDED;
  return within.length > 0 ? BUSY : 0;
}

function requestLane({ request, executedMs, toMs }: Scene, originMs: number): RequestLane {
  const sent = request.find((record) => record.type === 'sent');
  const end = request.find((record) => record.type === 'answered' || record.type === 'failed');
  const replays = request.flatMap((each) =>
    each.type === 'replayed' ? [{ atMs: each.atMs - originMs, reason: each.reason }] : [],
  );
  const common = {
    kind: sent?.kind ?? 'request',
    endMs: (end?.atMs ?? toMs) - originMs,
    replays,
    executedMs: executedMs.map((atMs) => atMs - originMs),
  };
  if (end?.type === 'answered') return { ...common, ending: 'answered', said: String(end.status) };
  if (end?.type === 'failed') return { ...common, ending: 'failed', said: end.code, message: end.message };
  return { ...common, ending: 'silent', said: 'neither answer nor error' };
}

function connectionLane(
  records: readonly ConnectionRecord[],
  own: boolean,
  scene: Scene,
  originMs: number,
): ConnectionLane {
  const replayMs = replayOn(records, scene);
  const marks = records.flatMap((each) =>
    each.what === 'request' || each.what === 'answer' ? [] : [{ what: each.what, from: each.from, atMs: each.atMs }],
  );
  return {
    connection: records[0]?.connection ?? 0,
    own,
    segments: segmentsOf(records, scene).map((each) => ({
      ...each,
      fromMs: each.fromMs - originMs,
      toMs: each.toMs - originMs,
    })),
    marks: [...marks, ...(replayMs === undefined ? [] : [{ what: 'replay', from: 'A', atMs: replayMs } as const])]
      .filter(({ atMs }) => atMs >= scene.fromMs)
      .map((mark) => ({ ...mark, atMs: mark.atMs - originMs })),
  };
}

/** When a replay went out on this connection: the last request before the answer, where the answer came on it. */
function replayOn(records: readonly ConnectionRecord[], { request }: Scene): number | undefined {
  const answered = request.find((record) => record.type === 'answered');
  if (answered?.port === undefined || !request.some(({ type }) => type === 'replayed')) return undefined;
  return records.findLast(
    ({ what, port, atMs }) => what === 'request' && port === answered.port && atMs <= answered.atMs,
  )?.atMs;
}

/** Busy from a request to the last byte of its answer, idle in between; cut off at the scene's edges. */
function segmentsOf(records: readonly ConnectionRecord[], { fromMs, toMs }: Scene): readonly Segment[] {
  const exchanges: { requestMs: number; answerMs?: number }[] = [];
  for (const { what, atMs } of records) {
    const last = exchanges.at(-1);
    if (what === 'request' && (last === undefined || last.answerMs !== undefined)) exchanges.push({ requestMs: atMs });
    if (what === 'answer' && last !== undefined) last.answerMs = atMs;
    if (what === 'answer' && last === undefined) exchanges.push({ requestMs: atMs, answerMs: atMs });
  }
  const endMs = endOf(records) ?? toMs;
  const segments: Segment[] = [];
  let idleFromMs = records[0]?.atMs ?? fromMs;
  for (const { requestMs, answerMs } of exchanges) {
    // One that has answered nothing yet is not idle, as the word is used: it is only unused.
    const before = idle(idleFromMs, requestMs, segments.length > 0 || records[0]?.what !== 'open');
    segments.push(before, { state: 'busy', fromMs: requestMs, toMs: answerMs ?? endMs });
    idleFromMs = answerMs ?? endMs;
  }
  segments.push(idle(idleFromMs, endMs, exchanges.length > 0));
  return segments
    .filter((each) => each.toMs > each.fromMs && each.toMs > fromMs && each.fromMs < toMs)
    .map((each) => ({ ...each, fromMs: Math.max(each.fromMs, fromMs), toMs: Math.min(each.toMs, toMs) }));
}

function idle(fromMs: number, toMs: number, afterAnswer: boolean): Segment {
  return { state: 'idle', fromMs, toMs, ...(afterAnswer && { idleMs: toMs - fromMs }) };
}

/** When both sides had closed a connection, or one had reset it. */
function endOf(records: readonly ConnectionRecord[]): number | undefined {
  const reset = records.find(({ what }) => what === 'reset');
  if (reset !== undefined) return reset.atMs;
  const fins = records.filter(({ what }) => what === 'fin');
  const sides = new Set(fins.map(({ from }) => (from === 'A' ? 'A' : 'B')));
  return sides.size === 2 ? fins.at(-1)?.atMs : undefined;
}
