import { faultChannel, hangUpChannel, type LetGoReason, letGoChannel, replayChannel } from '../events/channels.js';
import { explain, type HangUpStory } from '../events/hang-up.js';
import type { Evidence } from '../policy/evidence.js';
import { elapsedMs, type Instant } from '../policy/idle-time.js';
import type { Reason } from '../policy/verdict.js';
import type { Connection } from './connection.js';
import { type Exchange, mayRunTwice } from './exchange.js';
import type { Origin } from './origin.js';

/** Counts that an idle connection was let go, and tells of it. */
export function tellLetGo(origin: Origin, connection: Connection, reason: LetGoReason, idleMs: number): void {
  origin.counts.letGo++;
  publishLetGo(origin, connection, reason, idleMs);
}

/** Counts that `on` would have let go of a connection that a request is about to use, or has used, and tells of it. */
export function foreseeLetGo(origin: Origin, connection: Connection, reason: LetGoReason, idleMs: number): void {
  origin.counts.wouldLetGo++;
  publishLetGo(origin, connection, reason, idleMs);
}

function publishLetGo(origin: Origin, connection: Connection, reason: LetGoReason, idleMs: number): void {
  const observed = origin.mode === 'observe';
  letGoChannel.publish(() => ({ origin: origin.name, reason, idleMs, requests: connection.served, observed }));
}

/** Counts that a Line stepped out of the way, and tells why. */
export function tellFault(origin: Origin, why: string): void {
  origin.counts.faults++;
  const error = () => new Error(`Holdline: ${why}; the Line passes bytes on and does no more.`);
  faultChannel.publish(() => ({ origin: origin.name, error: error() }));
}

/** A verdict to be told of; `let-go` is an observer's. */
type Told = { readonly evidence: Evidence } & (
  | { readonly action: 'replay' | 'surface'; readonly reason: Reason }
  | { readonly action: 'let-go'; readonly reason: LetGoReason }
);

const CURED = "Set mode: 'on': the caller does not see it then.";

/** Tells of a hang-up and of the verdict on it. */
export function tellHangUp(origin: Origin, connection: Connection, exchange: Exchange, verdict: Told): void {
  hangUpChannel.publish(() => {
    const { action, reason, evidence } = verdict;
    const whole = storyOf(origin, connection, exchange, { reason: action === 'let-go' ? 'unsent' : reason, evidence });
    const { mayRunTwice: _, ...story } = whole;
    const { sentAt, hangUp } = exchange;
    const observed = origin.mode === 'observe';
    return {
      ...story,
      reason,
      how: hangUp?.how ?? 'error',
      verdict: action,
      fix: observed && action !== 'surface' ? CURED : explain(whole).fix,
      closedAfterMs: sentAt && hangUp ? elapsedMs(sentAt, hangUp.at) : 0,
      rttMs: connection.handshakeMs,
      observed,
    };
  });
}

/** Tells what became of a request that was sent again, if this one was. */
export function tellReplay(origin: Origin, exchange: Exchange, ok: boolean, now: Instant): void {
  const { replayedFor, hangUp } = exchange;
  if (!replayedFor || !hangUp) return;
  replayChannel.publish(() => ({
    origin: origin.name,
    method: methodOf(exchange),
    reason: replayedFor,
    ok,
    tookMs: elapsedMs(hangUp.at, now),
  }));
}

/** What a {@link HangUpError} tells its reader. */
export function storyOf(
  origin: Origin,
  connection: Connection,
  exchange: Exchange,
  verdict: { readonly reason: Reason; readonly evidence: Evidence },
): HangUpStory {
  const hintMs = connection.hint.timeoutMs;
  return {
    reason: verdict.reason,
    evidence: verdict.evidence,
    reused: exchange.requestsBefore > 0,
    idleMs: exchange.idleMs,
    limitMs: origin.knowledge(connection.hint).limit.limitMs,
    hintMs,
    origin: origin.name,
    requests: exchange.requestsBefore,
    method: methodOf(exchange),
    how: exchange.hangUp?.how ?? 'error',
    mayRunTwice: mayRunTwice(origin, exchange),
  };
}

function methodOf(exchange: Exchange): string {
  return exchange.head?.method ?? 'request';
}
