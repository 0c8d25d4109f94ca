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
  letGoChannel.publish(() => ({ origin: origin.name, reason, idleMs, requests: connection.served }));
}

/** Counts that a Line stepped out of the way, and tells why. */
export function tellFault(origin: Origin, why: string): void {
  origin.counts.faults++;
  const error = () => new Error(`Holdline: ${why}; the Line passes bytes on and does no more.`);
  faultChannel.publish(() => ({ origin: origin.name, error: error() }));
}

/** Tells of a hang-up and of the verdict on it. */
export function tellHangUp(
  origin: Origin,
  connection: Connection,
  exchange: Exchange,
  verdict: { readonly action: 'replay' | 'surface'; readonly reason: Reason; readonly evidence: Evidence },
): void {
  hangUpChannel.publish(() => {
    const { mayRunTwice: _, ...story } = storyOf(origin, connection, exchange, verdict);
    const { sentAt, hangUp } = exchange;
    return {
      ...story,
      how: hangUp?.how ?? 'error',
      verdict: verdict.action,
      fix: explain(storyOf(origin, connection, exchange, verdict)).fix,
      closedAfterMs: sentAt && hangUp ? elapsedMs(sentAt, hangUp.at) : 0,
      rttMs: connection.handshakeMs,
      observed: origin.mode === 'observe',
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
    limitMs: origin.knowledge(hintMs).limit.limitMs,
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
