import type { Random } from '../../random.js';
import type { Caller, Kind, Step, WorkloadSettings } from '../roles.js';

const KINDS: readonly Kind[] = ['GET', 'POST', 'keyed POST'];

/** How a caller's pauses come about: gives the next one, in ms. */
export type Pauses = () => number;

/**
 * Draws the callers of a workload: each starts at a time of its own and goes on until the duration or the bound on requests
 * is reached. What differs between workloads is only the pauses.
 *
 * @param startWithinMs - The callers' first requests are spread over so long a time.
 * @param pauses - Makes the pauses of one caller.
 */
export function drawCallers(
  settings: WorkloadSettings,
  random: (stream: number) => Random,
  startWithinMs: number,
  pauses: (random: Random, caller: number) => Pauses,
): Caller[] {
  const { callers, durationMs, maxRequests, mix, roundTripMs } = settings;
  return Array.from({ length: callers }, (_, caller) => {
    const own = random(caller);
    // The bound is shared out so that it holds in all: the first callers get what does not divide.
    const most = Math.floor(maxRequests / callers) + (caller < maxRequests % callers ? 1 : 0);
    const startMs = own.between(0, startWithinMs);
    const nextPause = pauses(own, caller);
    const steps: Step[] = [];
    // Each answer takes about a round trip, which the pauses do not contain.
    for (let atMs = startMs; steps.length < most && atMs <= durationMs; ) {
      const gapMs = steps.length === 0 ? 0 : nextPause();
      atMs += gapMs + roundTripMs;
      if (steps.length > 0 && atMs > durationMs) break;
      const kind = kindOf(own, mix);
      const bodyBytes = kind === 'GET' ? 0 : Math.floor(own.between(16, 512));
      steps.push({ id: `${caller}-${steps.length}`, kind, gapMs, bodyBytes });
    }
    return { startMs, steps };
  });
}

function kindOf(random: Random, mix: WorkloadSettings['mix']): Kind {
  let sort = random.next();
  for (const kind of KINDS) {
    sort -= mix[kind];
    if (sort < 0) return kind;
  }
  return 'GET';
}
