import type { Crossing } from '../lab/links/trace.js';
import type { Call, History } from './history.js';
import type { Kind } from './workload.js';

/** Something that happened to a request; `atMs` counts from when the request left A. */
export interface Moment {
  readonly atMs: number;
  readonly what:
    | 'idle'
    | 'request-left'
    | 'request-arrived'
    | 'fin-left'
    | 'fin-arrived'
    | 'reset-left'
    | 'reset-arrived'
    | 'replay-answered'
    | 'error';
}

/** One hang-up, packet by packet. */
export interface Story {
  /** The arm whose hang-up it was. */
  readonly arm: string;
  readonly kind: Kind;
  /** How long the connection had been idle when the request left, in ms; undefined if nothing had come on it. */
  readonly idleMs?: number;
  readonly moments: readonly Moment[];
  /** Why Holdline sent it again; undefined if it was not. */
  readonly replayedAs?: string;
  /** Why Holdline did not send it again, and what A's code got; undefined if it was sent again. */
  readonly surfaced?: { readonly reason?: string; readonly message: string; readonly executed: boolean };
}

/** Which cure is worth telling first: the one that nobody else has. */
const BEST_FIRST = ['undelivered', 'keyed', 'idempotent', 'unsent', undefined];

/** A's clock and the link's were read by two processes; that a packet is this call's must not hang on a millisecond. */
const SLACK_MS = 100;

/**
 * Picks the hang-up that shows most, and puts what the link saw of it in order.
 *
 * @param crossings - Those of this arm.
 * @param executed - Whether B's ledger holds a request.
 */
export function tellStory(
  arm: string,
  history: History,
  crossings: readonly Crossing[],
  delayMs: number,
  executed: (id: string) => boolean,
): Story | undefined {
  const candidates = history.calls.flatMap((call) => {
    const crossing = crossings.find((one) => isOf(one, call));
    if (!crossing?.lastAnswer || !crossing.close.fin) return [];
    const replay = history.replays.find(({ id, ok }) => ok && id === call.id);
    return replay || call.outcome === 'hung-up' ? [{ call, crossing, replay, blur: blurOf(crossing, delayMs) }] : [];
  });
  const [best] = candidates.sort(
    (one, other) =>
      BEST_FIRST.indexOf(one.replay?.reason) - BEST_FIRST.indexOf(other.replay?.reason) || one.blur - other.blur,
  );
  if (!best) return undefined;
  const { call, crossing, replay } = best;
  const moments = packetMoments(crossing, delayMs);
  const idle = moments.find(({ what }) => what === 'idle');
  const endedMs = call.endedMs - call.startedMs;
  const last: Moment = { atMs: endedMs, what: replay ? 'replay-answered' : 'error' };
  return {
    arm,
    kind: call.kind,
    ...(idle && { idleMs: -idle.atMs }),
    moments: [...moments, last].sort((one, other) => one.atMs - other.atMs),
    ...(replay && { replayedAs: replay.reason }),
    ...(!replay && {
      surfaced: {
        ...(call.failure?.reason !== undefined && { reason: call.failure.reason }),
        message: call.failure?.message ?? '',
        executed: executed(call.id),
      },
    }),
  };
}

function isOf({ request }: Crossing, call: Call): boolean {
  return request.aPort === call.port && Math.abs(request.atMs - call.startedMs) < SLACK_MS;
}

/** How far the machine was from carrying these packets when they were due, in ms: the clearest story is the best. */
function blurOf({ request, close, refusal }: Crossing, delayMs: number): number {
  const refused = refusal ? Math.abs(refusal.atMs - request.atMs - delayMs) : delayMs;
  return refused + Math.max(0, Math.abs(close.atMs - request.atMs) - delayMs);
}

function packetMoments({ request, close, lastAnswer, refusal }: Crossing, delayMs: number): Moment[] {
  const since = (atMs: number) => atMs - request.atMs;
  return [
    ...(lastAnswer ? [{ atMs: since(lastAnswer.atMs + delayMs), what: 'idle' as const }] : []),
    { atMs: 0, what: 'request-left' },
    { atMs: delayMs, what: 'request-arrived' },
    { atMs: since(close.atMs), what: 'fin-left' },
    { atMs: since(close.atMs + delayMs), what: 'fin-arrived' },
    ...(refusal
      ? [
          { atMs: since(refusal.atMs), what: 'reset-left' as const },
          { atMs: since(refusal.atMs + delayMs), what: 'reset-arrived' as const },
        ]
      : []),
  ];
}
