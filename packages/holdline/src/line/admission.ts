import type { HangUpSign, LetGoReason } from '../events/channels.js';
import { feelerWaitMs } from '../policy/feeler.js';
import { checkOut, lookAt } from './checking-out.js';
import type { Connection } from './connection.js';
import type { Exchange } from './exchange.js';
import type { Cancel } from './machine.js';
import type { Origin } from './origin.js';
import type { Piece } from './recording.js';
import { tellLetGo } from './telling.js';

/** What the admission of a request to a connection needs of the carrier. */
export interface AdmissionSide {
  readonly origin: Origin;
  readonly connection: Connection;
  /** What the client has written and no socket was given yet. */
  waiting(): readonly Piece[];
  /** Writes nothing until it is called back, unless the connection ends before. */
  hold(until: (run: () => void) => Cancel, then: () => void): void;
  /** Writes what waits. */
  flush(): void;
  hangUp(exchange: Exchange, how: HangUpSign): void;
  /** Opens a new connection, for what waits. */
  reopen(): void;
}

/** @returns Whether the request may go on this connection now; if not, it goes when there is an answer or a new one. */
export function admit(side: AdmissionSide, exchange: Exchange): boolean {
  const { machine } = side.origin;
  const checkout = checkOut(side.origin, side.connection, exchange);
  if (checkout === 'go') return true;
  if (checkout === 'feel') feel(side, exchange);
  else if (checkout === 'wait') wait(side, exchange, (run) => machine.afterTwoTurns(run));
  else abandon(side, checkout, exchange.idleMs);
  return false;
}

/** Takes leave of a connection before a request was written to it. */
export function abandon(side: AdmissionSide, reason: LetGoReason, idleMs: number): void {
  tellLetGo(side.origin, side.connection, reason, idleMs);
  if (reason === 'closed' || reason === 'reset') side.origin.letGoAsOldAs(idleMs);
  side.reopen();
}

/** Sends the first byte ahead: if the server has closed, it was no more than that. */
function feel(side: AdmissionSide, exchange: Exchange): void {
  const { counts, machine } = side.origin;
  const connection = side.connection;
  exchange.requestsBefore = connection.served;
  counts.feelers++;
  connection.writeFeeler(side.waiting());
  wait(side, exchange, (run) => machine.timer(feelerWaitMs(connection.roundTripMs), true, run));
}

/** Gives the connection time to tell of its end; the loop may not have heard of it even then. */
function wait(side: AdmissionSide, exchange: Exchange, until: (run: () => void) => Cancel): void {
  side.hold(until, () => {
    const seen = lookAt(side.origin, side.connection);
    if (seen === 'bytes') abandon(side, 'unsolicited-bytes', exchange.idleMs);
    else if (seen === 'closed') side.hangUp(exchange, 'fin');
    else if (seen === 'reset') side.hangUp(exchange, 'reset');
    else side.flush();
  });
}
