import type { Sample } from './observation.js';

/** Between which idle times connections cease to be usable, though no server was seen to close them. */
export interface Bracket {
  /** The longest idle time after which a request was still answered, in ms. */
  readonly answeredMs: number;
  /** The shortest after which none was, in ms. */
  readonly unansweredMs: number;
  /** `dropped`: nothing came back; `reset`: the request met a RST. */
  readonly way: 'dropped' | 'reset';
}

/** A request that left this shortly before the server closed met its FIN on the way, in ms besides a round trip. */
const CROSSING_MS = 60;

/** Whether a reuse came to nothing. */
export function isDead(sample: Sample): boolean {
  return sample.ending.kind === 'unanswered' || sample.ending.kind === 'hung-up';
}

/** Whether a hang-up lies so near to where the server closed idle connections that both crossed. */
export function isCrossing({ ending }: Sample, closedAfterMs: readonly number[], rttMs: number): boolean {
  if (ending.kind !== 'hung-up') return false;
  return closedAfterMs.some((closedMs) => Math.abs(closedMs - ending.idleMs) <= rttMs + CROSSING_MS);
}

/**
 * Finds a limit that never shows itself: what lies between has forgotten the connection. Undefined where the server was
 * seen to close earlier, where nothing died, or where what died was outlived by others.
 */
export function silentBracket(samples: readonly Sample[], rttMs: number): Bracket | undefined {
  const closed = samples.flatMap(({ ending }) => (ending.kind === 'closed' ? [ending.idleMs] : []));
  const dead = samples.filter((sample) => isDead(sample) && !isCrossing(sample, closed, rttMs));
  const answered = samples.flatMap(({ ending }) => (ending.kind === 'answered' ? [ending.idleMs] : []));
  const answeredMs = Math.max(0, ...answered);
  const beyond = dead.filter(({ ending }) => 'idleMs' in ending && ending.idleMs > answeredMs);
  const unansweredMs = Math.min(...beyond.map(({ ending }) => ('idleMs' in ending ? ending.idleMs : 0)));
  // One alone may have been lost for another reason.
  if (beyond.length < 2 || closed.some((idleMs) => idleMs < unansweredMs)) return undefined;
  // A RST may be lost; what drops sends none at all.
  const resets = beyond.filter(({ ending }) => ending.kind === 'hung-up').length;
  const dropped = resets * 2 < beyond.length;
  return { answeredMs, unansweredMs, way: dropped ? 'dropped' : 'reset' };
}
