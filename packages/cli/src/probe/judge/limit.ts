import { silentBracket } from '../bracket.js';
import type { Failure } from '../failure.js';
import type { AddressObservation, CloseWay, Sample } from '../observation.js';
import { type Cluster, clustersOf } from './clusters.js';

/** When an idle connection of an address ceases to be usable. */
export type Limit =
  /** The server was seen to close. `ms`: the middle of the idle times, which lie from `lowMs` to `highMs`. */
  | {
      readonly kind: 'closed';
      readonly ms: number;
      readonly lowMs: number;
      readonly highMs: number;
      readonly samples: number;
      readonly by: CloseWay;
      /** By how much the probe's own delay may blur it, in ms. */
      readonly doubtMs: number;
      /** They ended at the same moment, and not after the same idle time. */
      readonly together: boolean;
    }
  /** Nothing was seen, but requests were no longer answered: somewhere between these idle times, in ms. */
  | {
      readonly kind: 'silent';
      readonly answeredMs: number;
      readonly unansweredMs: number;
      readonly way: 'dropped' | 'reset';
    }
  /** Still open after this idle time, in ms. `used`: a request after it was answered. */
  | { readonly kind: 'beyond'; readonly moreThanMs: number; readonly used: boolean }
  /** No connection is kept at all. */
  | { readonly kind: 'none' };

/** By how much a connection must outlive the limit to be another server's: ms, and a share. */
const OUTLIVED = { ms: 10, share: 0.03 };

/** What the connections of one address showed, put together. */
export interface AddressReport {
  readonly address: string;
  /** Undefined where it could not be measured. */
  readonly limit?: Limit;
  /** Further limits, longer than `limit`: other servers behind the same address. */
  readonly others: readonly Cluster[];
  /** Connections that were still answered when the limit had clearly passed. */
  readonly outlived: number;
  /** Connections that the server closed earlier than its limit. */
  readonly early: readonly Cluster[];
  /** Connections that were found dead though others outlived them, or the server closed those properly. */
  readonly lost: number;
  readonly connections: number;
  /** Connections that could not be opened, or were not answered; and why, of the first. */
  readonly failed: number;
  readonly failure?: Failure;
  /** The server's timer before the first request: when it closed, or how long it had not. */
  readonly first?: { readonly ms: number; readonly closed: boolean; readonly by?: CloseWay };
  readonly rttMs: number;
}

/** Draws the limit of an address from what its connections showed. */
export function addressReport(observed: AddressObservation): AddressReport {
  const { address, samples, greeting } = observed;
  const rttMs = rttOf(observed);
  const held = samples.filter(({ role }) => role === 'watched' || role === 'reused');
  const clusters = clustersOf(samples);
  const limits = clusters.filter((cluster, index) => isLimit(cluster, index === clusters.length - 1, clusters));
  const first = firstTimer(observed);
  const [lowest, ...others] = limits;
  const bracket = silentBracket(samples, rttMs);
  const failures = samples.flatMap(({ ending }) => (ending.kind === 'failed' ? [ending.failure] : []));
  const limit = greeting && (greeting.keepsOpen ? limitOf(lowest, bracket, observed) : ({ kind: 'none' } as const));
  return {
    address,
    ...(limit && { limit }),
    others: bracket ? [] : others,
    outlived: lowest ? outlivedOf(samples, lowest) : 0,
    early: bracket ? [] : clusters.filter((cluster) => !limits.includes(cluster)),
    lost: bracket ? 0 : lostOf(observed, lowest?.ms),
    connections: held.length,
    failed: failures.length,
    ...(failures[0] && { failure: failures[0] }),
    ...(first && { first }),
    rttMs,
  };
}

/** The quickest round trip: a handshake, or through a proxy or a Unix socket an answer. */
function rttOf({ samples }: AddressObservation): number {
  const connects = samples.flatMap(({ connectMs }) => (connectMs === undefined ? [] : [connectMs]));
  return connects.length === 0 ? 0 : Math.min(...connects);
}

function limitOf(
  lowest: Cluster | undefined,
  bracket: ReturnType<typeof silentBracket>,
  { samples }: AddressObservation,
): Limit | undefined {
  if (bracket) return { kind: 'silent', ...bracket };
  if (lowest) {
    const { count, ...rest } = lowest;
    return { kind: 'closed', ...rest, samples: count };
  }
  const longest = (kind: 'answered' | 'open') =>
    Math.max(
      0,
      ...samples.flatMap(({ ending, role }) => (ending.kind === kind && role !== 'unused' ? [ending.idleMs] : [])),
    );
  if (samples.some(({ ending }) => ending.kind === 'announced')) return { kind: 'none' };
  const [usedMs, openMs] = [longest('answered'), longest('open')];
  const moreThanMs = Math.max(usedMs, openMs);
  return moreThanMs > 0 ? { kind: 'beyond', moreThanMs, used: usedMs >= openMs } : undefined;
}

/** A few that end early were lost or evicted. Servers with limits of their own close many, each after the same idle time. */
function isLimit(cluster: Cluster, isLast: boolean, all: readonly Cluster[]): boolean {
  if (isLast) return true;
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const tight = cluster.highMs - cluster.lowMs <= Math.max(20, cluster.ms * 0.03);
  return tight && !cluster.together && cluster.count >= Math.max(2, total * 0.2);
}

function outlivedOf(samples: readonly Sample[], { highMs, doubtMs }: Cluster): number {
  const clearlyMs = highMs + Math.max(OUTLIVED.ms, highMs * OUTLIVED.share) + doubtMs;
  return samples.filter(({ ending }) => ending.kind === 'answered' && ending.idleMs > clearlyMs).length;
}

/** Found dead where the others were not. */
function lostOf({ samples }: AddressObservation, limitMs: number | undefined): number {
  return samples.filter(({ ending }) => {
    if (ending.kind === 'unanswered') return true;
    return ending.kind === 'hung-up' && (limitMs === undefined || ending.idleMs < limitMs * 0.9);
  }).length;
}

function firstTimer({ samples }: AddressObservation): AddressReport['first'] {
  const ending = samples.find(({ role }) => role === 'unused')?.ending;
  if (ending?.kind === 'closed') return { ms: ending.idleMs, closed: true, by: ending.by };
  return ending?.kind === 'open' && ending.idleMs > 0 ? { ms: ending.idleMs, closed: false } : undefined;
}
