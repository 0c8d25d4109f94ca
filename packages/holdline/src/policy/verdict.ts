import type { Evidence } from './evidence.js';

/** How far a user lets requests be sent again. See `HoldlineOptions.replay`. */
export type ReplayLeave = 'safe' | 'evidence' | 'likely' | 'never';

/** All that the verdict on a hang-up depends on. */
export interface HangUpFacts {
  /** The user destroyed the request, ended its side, or was told of a timeout. */
  readonly aborted: boolean;
  /** A byte of the response came. */
  readonly responseStarted: boolean;
  /** No byte of the request was handed to a socket, or none but its first. */
  readonly unsent: boolean;
  /** The connection had served a request before. */
  readonly reused: boolean;
  /** The request was sent again already. */
  readonly replayed: boolean;
  /** Every byte of the request that was sent is still at hand. */
  readonly recorded: boolean;
  /** The mode lets requests be sent again. */
  readonly modeReplays: boolean;
  readonly leave: ReplayLeave;
  /** The method is idempotent (RFC 9110 §9.2.2). */
  readonly idempotent: boolean;
  /** The request carries an idempotency key and its origin was declared to honour keys. */
  readonly keyed: boolean;
  /** The origin's replay budget has a token. */
  readonly budgetLeft: boolean;
  readonly evidence: Evidence;
}

/**
 * Why a hang-up was answered as it was:
 *
 * | reason | means |
 * |---|---|
 * | `aborted` | the user no longer wants the request |
 * | `response-started` | the server was answering, so it has the request |
 * | `unsent` | nothing had been sent, or no more than the first byte, so nothing can run twice |
 * | `fresh-connection` | a new connection ended too: not a matter of idle time |
 * | `already-replayed` | it was sent again once; more is a matter for a retry with backoff |
 * | `not-recorded` | the request is larger than the replay buffer |
 * | `replay-off` | the mode or the `replay` option forbids it |
 * | `idempotent` | running it twice does what running it once does |
 * | `keyed` | the server recognises it by its idempotency key |
 * | `undelivered` | the kernel's queue and a RST show that the server never got it |
 * | `likely` | weaker evidence, which the user lets count |
 * | `budget-empty` | it might be sent again, but too many were already |
 * | `no-evidence` | nothing shows that the server did not get it |
 * | `replay-connect-failed` | the connection for the replay could not be opened |
 */
export type Reason =
  | 'aborted'
  | 'response-started'
  | 'unsent'
  | 'fresh-connection'
  | 'already-replayed'
  | 'not-recorded'
  | 'replay-off'
  | 'idempotent'
  | 'keyed'
  | 'undelivered'
  | 'likely'
  | 'budget-empty'
  | 'no-evidence'
  | 'replay-connect-failed';

/** `seek-evidence`: look for evidence, then ask again. `costs`: the replay takes a token from the budget. */
export type Verdict =
  | { readonly action: 'surface'; readonly reason: Reason }
  | { readonly action: 'replay'; readonly reason: Reason; readonly costs: boolean }
  | { readonly action: 'seek-evidence' };

/**
 * Decides what becomes of a request whose connection ended before the first byte of its response. The order is the
 * design: each line stands on those above it.
 */
export function decideHangUp(facts: HangUpFacts): Verdict {
  if (facts.aborted) return surface('aborted');
  if (facts.responseStarted) return surface('response-started');
  if (facts.unsent) return { action: 'replay', reason: 'unsent', costs: false };
  if (!facts.reused) return surface('fresh-connection');
  if (facts.replayed) return surface('already-replayed');
  if (!facts.recorded) return surface('not-recorded');
  if (!facts.modeReplays || facts.leave === 'never') return surface('replay-off');
  const harmless = facts.leave === 'evidence' ? undefined : harmlessTwice(facts);
  if (harmless && facts.budgetLeft) return { action: 'replay', reason: harmless, costs: true };
  if (facts.evidence === 'unsought') return { action: 'seek-evidence' };
  if (facts.evidence === 'undelivered') return { action: 'replay', reason: 'undelivered', costs: false };
  if (facts.evidence === 'likely' && facts.leave === 'likely' && facts.budgetLeft) {
    return { action: 'replay', reason: 'likely', costs: true };
  }
  return surface(harmless ? 'budget-empty' : 'no-evidence');
}

/** Why running the request twice does no harm, if it does none. */
export function harmlessTwice(facts: Pick<HangUpFacts, 'idempotent' | 'keyed'>): 'idempotent' | 'keyed' | undefined {
  if (facts.idempotent) return 'idempotent';
  if (facts.keyed) return 'keyed';
  return undefined;
}

function surface(reason: Reason): Verdict {
  return { action: 'surface', reason };
}

const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PUT', 'DELETE']);

/** Whether RFC 9110 §9.2.2 (and RFC 10008 for `QUERY`) lets a method be repeated. Methods are case-sensitive. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method);
}
