import { aimAt } from '../aim.js';
import { type Random, seededRandom } from '../random.js';

/** What a request is to whoever may have to send it again. */
export type Kind = 'GET' | 'POST' | 'keyed POST';

/** How B's process dies under a request that it has just executed: with a FIN, or with a RST. */
export type Crash = 'fin' | 'reset';

/** One request of one caller. */
export interface Step {
  /** Names the request in A's history and in B's ledger; the same in every arm. */
  readonly id: string;
  readonly kind: Kind;
  /** How long the caller waits after its last answer before it sends this request, in ms. */
  readonly gapMs: number;
  /** If set, B closes the connection when it was idle this long after answering this request, in ms. */
  readonly closesAfterMs?: number;
  /** If set, B executes this request and then dies instead of answering. */
  readonly crash?: Crash;
}

/** A caller in A: it sends one request after the other and waits a little in between. */
export interface Caller {
  /** When its first request leaves, in ms after the start. */
  readonly startMs: number;
  readonly steps: readonly Step[];
}

/** What a workload is drawn from; the same settings give the same workload. */
export interface WorkloadSettings {
  readonly seed: number;
  readonly callers: number;
  /** No request is planned to leave later than this after the start, in ms. */
  readonly trafficMs: number;
  /** The link's delay, both ways together, in ms. */
  readonly roundTripMs: number;
  /** The idle time after which B closes: its own limit, or for a B that closes at any time the largest, in ms. */
  readonly idleLimitMs: number;
}

/**
 * Traffic for a B whose idle limit is fixed: a few quick requests, then a pause that is mostly about as long as the
 * limit, so that a request is often on its way while B closes.
 */
export function fixedLimitWorkload(settings: WorkloadSettings): Caller[] {
  const { seed, idleLimitMs, roundTripMs } = settings;
  const aim = aimAt(roundTripMs, seededRandom(seed, -2));
  return draw(settings, Math.min(idleLimitMs, settings.trafficMs / 4), (random) => {
    let quick = 1 + Math.floor(random.between(0, 3));
    return () => {
      if (quick-- > 0) return { gapMs: random.between(5, 300) };
      quick = 1 + Math.floor(random.between(0, 3));
      const sort = random.next();
      if (sort < 0.08) return { gapMs: idleLimitMs + random.between(100, 600) };
      if (sort < 0.16) return { gapMs: idleLimitMs * random.between(0.2, 0.8) };
      return { gapMs: aim(idleLimitMs) };
    };
  });
}

/**
 * Traffic for a B that closes idle connections at any time and now and then dies after executing: mostly short pauses,
 * some of them about as long as B lets this connection live.
 */
export function anyTimeWorkload(settings: WorkloadSettings): Caller[] {
  const { seed, idleLimitMs, roundTripMs } = settings;
  const aim = aimAt(roundTripMs, seededRandom(seed, -2));
  return draw(settings, Math.min(1_000, settings.trafficMs / 8), (random) => () => {
    const crash: Crash | undefined = random.chance(0.02) ? (random.chance(0.5) ? 'fin' : 'reset') : undefined;
    if (!random.chance(0.25)) return { gapMs: random.between(20, 600), crash };
    const closesAfterMs = random.between(Math.min(300, idleLimitMs / 4), idleLimitMs);
    return { gapMs: aim(closesAfterMs), closesAfterMs, crash };
  });
}

/** The request that follows: its gap, when B closes *before* it, and whether B dies under it. */
interface Draft {
  readonly gapMs: number;
  readonly closesAfterMs?: number;
  readonly crash?: Crash | undefined;
}

function draw(settings: WorkloadSettings, startWithinMs: number, drafts: (random: Random) => () => Draft): Caller[] {
  return Array.from({ length: settings.callers }, (_, caller) => {
    const random = seededRandom(settings.seed, caller);
    const startMs = random.between(0, startWithinMs);
    const nextDraft = drafts(random);
    const steps: Step[] = [{ id: `${caller}-0`, kind: kindOf(random), gapMs: 0 }];
    // Each answer takes about a round trip, which the gaps do not contain.
    for (let atMs = startMs; ; ) {
      const { closesAfterMs, crash, gapMs } = nextDraft();
      atMs += gapMs + settings.roundTripMs;
      if (atMs > settings.trafficMs) break;
      const before = steps[steps.length - 1];
      if (before !== undefined && closesAfterMs !== undefined) steps[steps.length - 1] = { ...before, closesAfterMs };
      steps.push({ id: `${caller}-${steps.length}`, kind: kindOf(random), gapMs, ...(crash && { crash }) });
    }
    return { startMs, steps };
  });
}

function kindOf(random: Random): Kind {
  const sort = random.next();
  return sort < 0.4 ? 'GET' : sort < 0.7 ? 'POST' : 'keyed POST';
}
