import type { LetGoReason } from '../events/channels.js';
import { type CheckoutFacts, decideCheckout } from '../policy/checkout.js';
import { elapsedMs, type Instant, idleTimeMs } from '../policy/idle-time.js';
import { requestsLeft } from '../policy/keep-alive-header.js';
import type { Connection } from './connection.js';
import { type Exchange, mayRunTwice } from './exchange.js';
import type { Look } from './machine.js';
import type { Origin } from './origin.js';

/** `go`: write. `wait`: hear two turns of the loop first. Else the connection is let go for that reason. */
export type Checkout = 'go' | 'wait' | LetGoReason;

const FOUND: Readonly<Record<Exclude<Look, 'alive' | 'unknown'>, LetGoReason>> = {
  closed: 'closed',
  reset: 'reset',
  bytes: 'unsolicited-bytes',
};

/** Whether a request may be written to a connection, by the clock and, where the policy wants it, by a look. */
export function checkOut(origin: Origin, connection: Connection, exchange: Exchange): Checkout {
  const limit = origin.limit(connection.hint.timeoutMs);
  exchange.idleMs = idleTimeOf(origin, connection, origin.machine.now());
  if (origin.mode === 'observe') return 'go';
  const byLeave = origin.leave === 'safe' || origin.leave === 'likely';
  const replayable = origin.mode === 'on' && byLeave && mayRunTwice(origin, exchange);
  if (!replayable && origin.mode === 'on') origin.noteNonReplayable();
  const { wire } = connection;
  const facts: CheckoutFacts = {
    idleMs: exchange.idleMs,
    cutoffMs: origin.cutoffMs(limit),
    requestsLeft: requestsLeftOn(connection),
    canLook: wire !== undefined,
    limitKnown: limit.source !== 'assumed',
    replayable,
  };
  let decision = decideCheckout(facts);
  if (decision.action === 'look' && wire) {
    origin.counts.looks++;
    const seen = origin.machine.look(wire);
    if (seen === 'alive') return 'go';
    if (seen !== 'unknown') return FOUND[seen];
    decision = decideCheckout({ ...facts, canLook: false });
  }
  if (decision.action === 'let-go') return decision.reason;
  return decision.action === 'wait-two-turns' ? 'wait' : 'go';
}

/** How long a connection has been idle in the server's eyes, in ms; one that served nothing, since it was opened. */
export function idleTimeOf(origin: Origin, connection: Connection, now: Instant): number {
  const { response, openedAt, hint } = connection;
  if (!response) return elapsedMs(openedAt, now);
  return idleTimeMs(response, origin.marginMs(origin.limit(hint.timeoutMs)), now);
}

/** How many more requests the server will take on the connection. */
export function requestsLeftOn({ firstMax, hint, served }: Connection): number {
  return requestsLeft(firstMax, hint.max, served);
}
