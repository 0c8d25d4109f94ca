import type { CloseWay, Sample } from '../observation.js';

/** Connections that were closed after about the same idle time. */
export interface Cluster {
  /** The middle one of their idle times, in ms. */
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly count: number;
  readonly by: CloseWay;
  /** By how much the probe's own delay may blur these times, in ms. */
  readonly doubtMs: number;
  /** They ended at the same moment, and not after the same idle time: a restart, or a server that sweeps. */
  readonly together: boolean;
}

/** Up to this the probe's own delay does not blur a sample, in ms. */
const CLEAR_MS = 5;
/** Idle times that lie closer than this belong together: ms, and a share. */
const GAP = { ms: 25, share: 0.04 };

type Closing = { readonly sample: Sample; readonly idleMs: number; readonly by: CloseWay };

/** Groups the connections that the server closed while they were idle, by idle time, rising. */
export function clustersOf(samples: readonly Sample[]): readonly Cluster[] {
  const closings = samples
    .flatMap((sample): Closing[] => {
      const { ending, role } = sample;
      return ending.kind === 'closed' && role !== 'unused' ? [{ sample, idleMs: ending.idleMs, by: ending.by }] : [];
    })
    .sort((one, other) => one.idleMs - other.idleMs);
  const groups: Closing[][] = [];
  for (const closing of closings) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const blur = closing.sample.doubtMs + (last?.sample.doubtMs ?? 0);
    if (group && last && closing.idleMs - last.idleMs <= Math.max(GAP.ms, last.idleMs * GAP.share) + blur)
      group.push(closing);
    else groups.push([closing]);
  }
  return groups.map(clusterOf);
}

function clusterOf(group: readonly Closing[]): Cluster {
  const clear = clearest(group);
  const idles = clear.map(({ idleMs }) => idleMs);
  const ways = group.map(({ by }) => by);
  return {
    ms: median(idles),
    lowMs: Math.min(...idles),
    highMs: Math.max(...idles),
    count: group.length,
    by: mostOften(ways),
    doubtMs: Math.max(...clear.map(({ sample }) => sample.doubtMs)),
    together: endedTogether(group),
  };
}

/** Those that the probe's own delay does not blur; where it blurs all, the two that it blurs least. */
function clearest(group: readonly Closing[]): readonly Closing[] {
  const clear = group.filter(({ sample }) => sample.doubtMs <= CLEAR_MS);
  if (clear.length > 0) return clear;
  return group.toSorted((one, other) => one.sample.doubtMs - other.sample.doubtMs).slice(0, 2);
}

function endedTogether(group: readonly Closing[]): boolean {
  if (group.length < 3) return false;
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const doubtMs = Math.max(...group.map(({ sample }) => sample.doubtMs));
  const idleSpread = spread(group.map(({ idleMs }) => idleMs));
  const momentSpread = spread(group.map(({ sample }) => sample.endedAtMs));
  return idleSpread > 8 + 2 * doubtMs && momentSpread < idleSpread / 4;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function mostOften<T>(values: readonly T[]): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] as T;
}
