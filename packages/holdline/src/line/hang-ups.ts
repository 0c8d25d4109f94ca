import type { HangUpSign } from '../events/channels.js';
import { HangUpError } from '../events/hang-up-error.js';
import type { Evidence } from '../policy/evidence.js';
import type { Reason } from '../policy/verdict.js';
import type { ClientSide } from './client-side.js';
import type { Connection } from './connection.js';
import { hangUpError } from './errors.js';
import type { Exchange } from './exchange.js';
import { type Case, foresee, type Judgement, judge } from './judging.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';
import { foreseeLetGo, storyOf, tellHangUp, tellReplay } from './telling.js';

/** What the handling of a hang-up needs of the carrier. */
export interface HangUpSide {
  readonly origin: Origin;
  readonly client: ClientSide;
  readonly connection: Connection;
  /** What the client wrote cannot be told apart any more. */
  readonly hasLostPlace: boolean;
  /** While evidence is weighed the connection is not listened to: only the kernel is asked. */
  weighing(isWeighing: boolean): void;
  /** Gives the client the start of an answer that was held back. */
  answer(exchange: Exchange, start: Buffer): void;
  stepAside(): void;
  /** Opens a new connection, over which what was sent goes again. */
  reopen(): void;
}

/**
 * The connection ended before the first byte of the response: sends the request again, or lets the client know.
 *
 * @returns Ends the search for evidence.
 */
export function handleHangUp(side: HangUpSide, exchange: Exchange, how: HangUpSign, cause: Error): Cancel {
  const { origin, client } = side;
  const connection = side.connection;
  exchange.hangUp = { how, cause, at: origin.machine.now() };
  origin.counts.hangUps++;
  const hangUp: Case = {
    origin,
    connection,
    exchange,
    clientLeft: () => client.isDestroyed || client.writableEnded,
    lostPlace: () => side.hasLostPlace,
  };
  if (origin.mode === 'observe') {
    observe(side, hangUp, how, cause);
    return noop;
  }
  return judge(
    hangUp,
    () => side.weighing(true),
    (judgement) => {
      side.weighing(false);
      if (judgement.action === 'surface') surface(side, exchange, judgement.reason, judgement.evidence);
      else replay(side, exchange, judgement);
    },
  );
}

/** Lets the client know, and why. */
export function surface(
  side: HangUpSide,
  exchange: Exchange,
  reason: Reason,
  evidence: Evidence,
  detail?: string,
): void {
  const { origin, client } = side;
  const connection = side.connection;
  origin.counts.surfaced++;
  tellReplay(origin, exchange, false, origin.machine.now());
  tellHangUp(origin, connection, exchange, { action: 'surface', reason, evidence });
  if (client.isDestroyed) return; // by a listener that was just told
  if (exchange.held) {
    side.answer(exchange, exchange.held);
    if (connection.hasEnded) client.serverEnded();
    else if (connection.isClosed) client.destroy();
    return;
  }
  const { how = 'error', cause = hangUpError() } = exchange.hangUp ?? {};
  // an error with a code of its own, such as ETIMEDOUT, says more than ECONNRESET would
  if (how === 'error' && detail === undefined) return client.destroy(cause);
  const story = storyOf(origin, connection, exchange, { reason, evidence });
  const inNodesWords = reason === 'fresh-connection' && client.knowsNodesWords;
  client.destroy(new HangUpError({ ...story, inNodesWords, ...(detail !== undefined && { detail }) }, cause));
}

function replay(side: HangUpSide, exchange: Exchange, judgement: Judgement & { action: 'replay' }): void {
  const { origin } = side;
  if (judgement.costs) origin.spendReplay();
  if (exchange.requestsBefore > 0) origin.letGoAsOldAs(exchange.idleMs);
  tellHangUp(origin, side.connection, exchange, judgement);
  if (exchange.sentAt) {
    exchange.replayedFor = judgement.reason;
    exchange.evidence = judgement.evidence;
    origin.counts.replays++;
  }
  exchange.held = undefined;
  side.reopen();
}

/** Tells what would have been done, and lets the client see what it would have seen without a Line. */
function observe(side: HangUpSide, hangUp: Case, how: HangUpSign, cause: Error): void {
  const { client, origin } = side;
  const { connection, exchange } = hangUp;
  const { counts } = origin;
  const foretold = foresee(hangUp);
  counts.surfaced++;
  if (foretold.action === 'surface') counts.wouldSurface++;
  else {
    const isForeseen = exchange.foreseen?.letGo !== undefined; // and was told then
    if (foretold.action === 'replay') counts.wouldReplay++;
    else if (!isForeseen) foreseeLetGo(origin, connection, foretold.reason, exchange.idleMs);
    if (foretold.action === 'replay' && foretold.costs) origin.spendReplay();
    if (!isForeseen && exchange.requestsBefore > 0) origin.foreseeLettingGo(exchange.idleMs);
  }
  tellHangUp(origin, connection, exchange, foretold);
  side.stepAside();
  if (how === 'fin') client.serverEnded();
  else client.destroy(cause);
}

function noop(): void {}
