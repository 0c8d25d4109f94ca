import { type Evidence, evidencePossible } from '../policy/evidence.js';
import { decideHangUp, type HangUpFacts, isIdempotent, type Verdict } from '../policy/verdict.js';
import type { Connection } from './connection.js';
import type { Exchange } from './exchange.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';
import { weigh } from './weighing.js';

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
  const { tcp } = connection;
  const how = exchange.hangUp?.how;
  const possible = evidencePossible({
    ownTcp: connection.isOwnTcp,
    ourSideOpen: !hangUp.clientLeft(),
    orderlyEnd: how === 'fin' || how === '408',
  });
  if (!possible || !tcp) {
    settle('none');
    return noop;
  }
  seeking();
  const requestBytes = origin.machine.bytesHanded(tcp) - exchange.handedBefore;
  return weigh(connection, { requestBytes, feelerBytes: exchange.feelerBytes }, origin.machine, settle);
}

/** What the policy would say if no evidence were looked for: for an observer, who cannot let the client wait. */
export function foresee(hangUp: Case): Judgement {
  const verdict = decideHangUp(factsOf(hangUp, 'unsought'));
  if (verdict.action !== 'seek-evidence') return { ...verdict, evidence: 'unsought' };
  return { action: 'surface', reason: 'no-evidence', evidence: 'unsought' };
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
