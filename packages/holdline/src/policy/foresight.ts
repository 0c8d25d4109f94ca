import { type Checkout, type CheckoutFacts, decideCheckout } from './checkout.js';
import { judgeEvidence } from './evidence.js';
import { decideHangUp, type HangUpFacts, type Reason } from './verdict.js';

/** Why `on` would have let go of a connection before a request was written to it. */
export type ForeseenLetGo = 'cutoff' | 'max-requests' | 'sibling' | 'closed' | 'reset';

/** What `on` would have done before it wrote a request, as an observer can tell who touches nothing. */
export interface Precautions {
  /** By the clock, or because a sibling hung up, it would have let the connection go. */
  readonly letGo: ForeseenLetGo | undefined;
  /** It would have asked the kernel whether the connection has ended. */
  readonly looks: boolean;
  /** What it would have done ahead of the request on a connection that lives: sent a feeler, or heard two turns. */
  readonly ahead: 'feel' | 'wait-two-turns' | 'nothing';
}

/** What is left of the evidence for one who does not wait for it. */
export type Glance = Parameters<typeof judgeEvidence>[0];

/** How a connection ended under an observed request. */
export interface ObservedEnd {
  readonly how: 'fin' | 'reset' | 'error';
  /** It was told so soon that it may have been there before the request was written. */
  readonly atOnce: boolean;
  /** The kernel's send queue at the end, and whether a RST had come by then; `undefined` while nobody has asked. */
  readonly seen: Glance | undefined;
}

/** What `on` would have done about a hang-up. `read-queue`: read the kernel's send queue, then ask again. */
export type Foresight =
  | { readonly action: 'let-go'; readonly reason: ForeseenLetGo }
  | { readonly action: 'replay'; readonly reason: Reason; readonly costs: boolean }
  | { readonly action: 'surface'; readonly reason: Reason }
  | { readonly action: 'read-queue' };

/**
 * What would be done with a connection before a request is written.
 *
 * @param siblingHungUp - A connection that was idle no longer hung up while this one was idle.
 */
export function foreseeCheckout(facts: CheckoutFacts, siblingHungUp: boolean): Precautions {
  if (siblingHungUp) return { letGo: 'sibling', looks: false, ahead: 'nothing' };
  const first = decideCheckout(facts);
  const looks = first.action === 'look';
  const last: Checkout = looks ? decideCheckout({ ...facts, looked: 'alive' }) : first;
  if (last.action === 'let-go') return { letGo: last.reason, looks: false, ahead: 'nothing' };
  const isAhead = last.action === 'feel' || last.action === 'wait-two-turns';
  return { letGo: undefined, looks, ahead: isAhead ? last.action : 'nothing' };
}

/**
 * Foretells what `on` would have done about a hang-up, its precautions included.
 *
 * An observer lets its socket close when any socket would, so it cannot wait for the RST that completes the evidence: a
 * queue that is still whole is taken for `undelivered`. That holds unless the server lingers.
 */
export function foreseeHangUp(facts: HangUpFacts, precautions: Precautions, end: ObservedEnd): Foresight {
  if (precautions.letGo) return { action: 'let-go', reason: precautions.letGo };
  const { looks, ahead } = precautions;
  const { seen } = end;
  const orderly = end.how === 'fin';
  const mayHaveBeenThere = end.atOnce && (looks || ahead !== 'nothing');
  if (orderly && !seen && (mayHaveBeenThere || ahead === 'feel')) return { action: 'read-queue' };
  // what the server has acknowledged it got while it had not ended the connection
  if (mayHaveBeenThere && seen?.queue !== 'not-whole') {
    return looks ? { action: 'let-go', reason: orderly ? 'closed' : 'reset' } : unsent();
  }
  if (ahead === 'feel' && orderly && seen && endedBefore(seen)) return unsent();
  const evidence = seen?.queue === 'whole' ? 'undelivered' : seen ? judgeEvidence(seen) : facts.evidence;
  const verdict = decideHangUp({ ...facts, evidence });
  return verdict.action === 'seek-evidence' ? { action: 'read-queue' } : verdict;
}

/** The server had ended the connection before any of the request came; most RSTs that empty a queue say so, too. */
function endedBefore({ queue, resetCame }: Glance): boolean {
  return queue === 'whole' || (queue === 'unreadable' && resetCame);
}

function unsent(): Foresight {
  return { action: 'replay', reason: 'unsent', costs: false };
}
