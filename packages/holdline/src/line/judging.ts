import type { Socket } from 'node:net';
import { type Evidence, evidencePossible, judgeEvidence } from '../policy/evidence.js';
import { type Foresight, foreseeHangUp, type ObservedEnd } from '../policy/foresight.js';
import { decideHangUp, type HangUpFacts, isIdempotent, type Verdict } from '../policy/verdict.js';
import type { Connection } from './connection.js';
import type { Exchange } from './exchange.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';
import { glance, weigh } from './weighing.js';

/** A hang-up that awaits its verdict. */
export interface Case {
  readonly origin: Origin;
  readonly connection: Connection;
  readonly exchange: Exchange;
  /** The client has destroyed its side, or ended it: it wants nothing sent any more. */
  clientLeft(): boolean;
  /** What the client wrote since cannot be told apart any more. */
  lostPlace(): boolean;
}

/** A verdict that needs no more evidence, and what it rests on. */
export type Judgement = Exclude<Verdict, { action: 'seek-evidence' }> & { readonly evidence: Evidence };

/**
 * Asks the policy what becomes of a hang-up, and looks for evidence where the answer depends on it.
 *
 * @param seeking - Is told before a wait for evidence.
 * @param done - Is told the judgement, maybe before this returns.
 * @returns Ends the search for evidence.
 */
export function judge(hangUp: Case, seeking: () => void, done: (judgement: Judgement) => void): Cancel {
  const { connection, exchange, origin } = hangUp;
  const decide = (evidence: Evidence): Verdict => decideHangUp(factsOf(hangUp, evidence));
  const first: Evidence = exchange.sentAt ? 'unsought' : 'unsent';
  const verdict = decide(first);
  if (verdict.action !== 'seek-evidence') {
    done({ ...verdict, evidence: first });
    return noop;
  }
  const settle = (evidence: Evidence): void => {
    const final = decide(evidence);
    if (final.action !== 'seek-evidence') done({ ...final, evidence });
  };
  const tcp = witnessOf(hangUp);
  if (!tcp) {
    settle('none');
    return noop;
  }
  seeking();
  const requestBytes = origin.machine.bytesHanded(tcp) - exchange.handedBefore;
  return weigh(connection, { requestBytes, feelerBytes: exchange.feelerBytes }, origin.machine, settle);
}

/** What `on` would have done about a hang-up, and what was seen of the evidence for it. */
export type Foretold = Exclude<Foresight, { action: 'read-queue' }> & { readonly evidence: Evidence };

/** What `on` would have done: for an observer, who can neither let the client wait nor keep the socket open. */
export function foresee(hangUp: Case): Foretold {
  const { exchange, origin } = hangUp;
  const facts = factsOf(hangUp, exchange.sentAt ? 'unsought' : 'unsent');
  const precautions = exchange.foreseen ?? NO_PRECAUTIONS;
  const end = observedEnd(exchange);
  const verdict = foreseeHangUp(facts, precautions, end);
  if (verdict.action !== 'read-queue') return { ...verdict, evidence: facts.evidence };
  const tcp = witnessOf(hangUp);
  const requestBytes = tcp ? origin.machine.bytesHanded(tcp) - exchange.handedBefore : 0;
  const seen = tcp ? glance(tcp, requestBytes, origin.machine) : NOTHING_SEEN;
  const final = foreseeHangUp(facts, precautions, { ...end, seen });
  if (final.action === 'read-queue') return { action: 'surface', reason: 'no-evidence', evidence: 'none' };
  return { ...final, evidence: judgeEvidence(seen) };
}

const NO_PRECAUTIONS = { letGo: undefined, looks: false, ahead: 'nothing' } as const;
const NOTHING_SEEN = { queue: 'unreadable', resetCame: false } as const;

function observedEnd({ hangUp, heardSince }: Exchange): ObservedEnd {
  const { how = 'error', cause } = hangUp ?? {};
  // a write fails on a connection that was reset before it; a read, on one that was reset since
  const atOnce = how === 'reset' ? (cause as NodeJS.ErrnoException).syscall === 'write' : !heardSince;
  return { how: how === '408' ? 'fin' : how, atOnce, seen: undefined };
}

/** The TCP socket that can give evidence, if there is one. */
function witnessOf({ connection, exchange, clientLeft }: Case): Socket | undefined {
  const how = exchange.hangUp?.how;
  const possible = evidencePossible({
    ownTcp: connection.isOwnTcp,
    ourSideOpen: !clientLeft(),
    orderlyEnd: how === 'fin' || how === '408',
  });
  return possible ? connection.tcp : undefined;
}

function factsOf({ origin, exchange, clientLeft, lostPlace }: Case, evidence: Evidence): HangUpFacts {
  return {
    aborted: clientLeft() || exchange.timedOut,
    responseStarted: exchange.responseStarted,
    unsent: exchange.sentAt === undefined,
    reused: exchange.requestsBefore > 0,
    replayed: exchange.replayedFor !== undefined,
    recorded: exchange.recording.whole && !lostPlace(),
    modeReplays: origin.mode !== 'cutoff',
    leave: origin.leave,
    idempotent: isIdempotent(exchange.head?.method ?? ''),
    keyed: (exchange.head?.hasKey ?? false) && origin.honoursKeys,
    budgetLeft: origin.canReplay(),
    evidence,
  };
}

function noop(): void {}
