import type { LetGoReason } from '../events/channels.js';
import { type CheckoutFacts, decideCheckout, LOOK_AFTER_MS } from '../policy/checkout.js';
import { feelerPays } from '../policy/feeler.js';
import { foreseeCheckout } from '../policy/foresight.js';
import { elapsedMs, type Instant, idleTimeMs } from '../policy/idle-time.js';
import { requestsLeft } from '../policy/keep-alive-header.js';
import type { Connection } from './connection.js';
import { type Exchange, mayRunTwice } from './exchange.js';
import type { Look, Machine } from './machine.js';
import type { Origin } from './origin.js';
import { foreseeLetGo, tellLetGo } from './telling.js';

/** `go`: write. `feel`: send a feeler first. `wait`: hear two turns of the loop first. Else let it go for that reason. */
export type Checkout = 'go' | 'feel' | 'wait' | LetGoReason;

const FOUND: Readonly<Record<Exclude<Look, 'alive' | 'unknown'>, LetGoReason>> = {
  closed: 'closed',
  reset: 'reset',
  bytes: 'unsolicited-bytes',
};

/** Whether a request may be written to a connection, by the clock and, where the policy wants it, by a look. */
export function checkOut(origin: Origin, connection: Connection, exchange: Exchange): Checkout {
  const now = origin.machine.now();
  exchange.idleMs = idleTimeOf(origin, connection, now);
  if (origin.mode === 'observe') return observe(origin, connection, exchange, now);
  const facts = factsOf(origin, connection, exchange, now);
  if (!facts.replayable && origin.mode === 'on') origin.noteNonReplayable();
  let decision = decideCheckout(facts);
  if (decision.action === 'look') {
    const seen = lookAt(origin, connection);
    if (seen !== 'alive' && seen !== 'unknown') return FOUND[seen];
    decision = decideCheckout({ ...facts, looked: seen === 'alive' ? 'alive' : 'impossible' });
  }
  if (decision.action === 'let-go') return decision.reason;
  if (decision.action === 'feel') return 'feel';
  return decision.action === 'wait-two-turns' ? 'wait' : 'go';
}

/** Changes nothing, but notes what `on` would have done. */
function observe(origin: Origin, connection: Connection, exchange: Exchange, now: Instant): 'go' {
  const facts = factsOf(origin, connection, exchange, now);
  const foreseen = foreseeCheckout(facts, origin.siblingHungUp(now, exchange.idleMs));
  exchange.foreseen = foreseen;
  if (foreseen.letGo) foreseeLetGo(origin, connection, foreseen.letGo, exchange.idleMs);
  else if (foreseen.looks || foreseen.ahead !== 'nothing') {
    origin.machine.afterTwoTurns(() => {
      exchange.heardSince = true;
    });
  }
  return 'go';
}

/** What has become of the connection while a feeler was on its way. */
export function lookAt({ counts, machine }: Origin, { wire }: Connection): Look {
  counts.looks++;
  return wire ? machine.look(wire) : 'unknown';
}

function factsOf(origin: Origin, connection: Connection, exchange: Exchange, now: Instant): CheckoutFacts {
  const { limit, cutoffMs } = origin.knowledge(connection.hint);
  const { leave, machine, mode } = origin;
  const { idleMs } = exchange;
  const replays = mode === 'on' || mode === 'observe';
  const byLeave = leave === 'safe' || leave === 'likely';
  return {
    idleMs,
    unheardMs: unheardMs(machine, exchange, now),
    cutoffMs,
    requestsLeft: requestsLeftOn(connection),
    looked: connection.wire ? 'not-yet' : 'impossible',
    limitKnown: limit.source !== 'assumed',
    replayable: replays && byLeave && mayRunTwice(origin, exchange),
    feelerPays: feelerPays({
      mayReplay: replays && leave !== 'never',
      roundTripMs: connection.roundTripMs,
      hasEvidence: connection.isOwnTcp && machine.tellsSendQueue,
    }),
  };
}

function unheardMs(machine: Machine, { idleMs, waited }: Exchange, now: Instant): number {
  if (waited) return 0; // the loop is just telling that the connection is open, however long this process was kept waiting
  return idleMs < LOOK_AFTER_MS ? idleMs : Math.min(idleMs, elapsedMs(machine.heardUntil(), now));
}

/** How long a connection has been idle in the server's eyes, in ms; one that served nothing, since it was opened. */
export function idleTimeOf(origin: Origin, connection: Connection, now = origin.machine.now()): number {
  const { response, openedAt, hint } = connection;
  if (!response) return elapsedMs(openedAt, now);
  return idleTimeMs(response, origin.knowledge(hint).marginMs, now);
}

/** A connection is idle from now on, until it is let go in time. @returns Whether it may be used again. */
export function keepIdle(origin: Origin, connection: Connection): boolean {
  const { cutoffMs } = origin.knowledge(connection.hint);
  origin.sweepLater(cutoffMs, (connection.response?.lastByte ?? origin.machine.now()).monotonicMs);
  const spent = spentBy(origin, connection);
  if (spent) tellLetGo(origin, connection, spent, 0);
  return !spent;
}

/** Why a connection will take no other request, however soon it came. */
function spentBy(origin: Origin, connection: Connection): 'max-requests' | 'cutoff' | undefined {
  if (requestsLeftOn(connection) <= 0) return 'max-requests';
  return origin.knowledge(connection.hint).cutoffMs <= 0 ? 'cutoff' : undefined;
}

/** How many more requests the server will take on the connection. */
function requestsLeftOn({ firstMax, hint, served }: Connection): number {
  return requestsLeft(firstMax, hint.max, served);
}
