import type { Socket } from 'node:net';
import { type Evidence, judgeEvidence, queueIsWhole, resetWaitMs } from '../policy/evidence.js';
import type { Glance } from '../policy/foresight.js';
import type { Connection } from './connection.js';
import type { Cancel, Machine } from './machine.js';

/** The kernel is asked this often within the wait. */
const LOOKS = 8;

/**
 * Looks for evidence that the server never got the request: reads the send queue at once, for a RST empties it, then
 * waits for that RST. Nothing is sent meanwhile.
 *
 * @param handed - Bytes handed to the TCP socket for the request, and those of them that were its feeler.
 * @param done - Is told once, maybe before this returns.
 * @returns Ends the search.
 */
export function weigh(
  connection: Connection,
  handed: { readonly requestBytes: number; readonly feelerBytes: number },
  machine: Machine,
  done: (evidence: Evidence) => void,
): Cancel {
  const { tcp } = connection;
  if (!tcp) {
    done('none');
    return noop;
  }
  const waitMs = resetWaitMs(connection.handshakeMs, connection.quickestAnswerMs, connection.isTls);
  const stepMs = Math.max(1, waitMs / LOOKS);
  const until = machine.now().monotonicMs + waitMs;
  let queue: 'whole' | 'not-whole' | 'unreadable' = 'unreadable';
  let end: Cancel = noop;

  /** Over TLS the end may be a close_notify, and the FIN behind it; or a RST, which alone says nothing. */
  let noFinYet = false;
  const readQueue = (): boolean => {
    const state = machine.sendQueue(tcp);
    if (state) queue = queueIsWhole(state, handed.requestBytes, handed.feelerBytes) ? 'whole' : 'not-whole';
    else if (noFinYet) queue = 'not-whole';
    noFinYet = state?.finReceived === false;
    return !noFinYet;
  };
  const step = (): void => {
    const finSeen = queue === 'whole' || readQueue();
    const late = machine.now().monotonicMs >= until;
    const resetCame = finSeen && machine.resetCame(tcp);
    if (resetCame || late || (finSeen && queue !== 'whole')) done(judgeEvidence({ queue, resetCame }));
    else end = machine.timer(finSeen ? stepMs : 1, true, step);
  };
  step();
  return () => end();
}

/**
 * Reads once what {@link weigh} would have waited for: for an observer, whose socket is about to close.
 *
 * @param requestBytes - Bytes handed to the TCP socket for the request.
 */
export function glance(tcp: Socket, requestBytes: number, machine: Machine): Glance {
  const state = machine.sendQueue(tcp);
  const resetCame = machine.resetCame(tcp);
  if (!state) return { queue: 'unreadable', resetCame };
  // over TLS a close_notify may come before the FIN, and it acknowledges as much
  const isWhole = queueIsWhole({ ...state, finReceived: true }, requestBytes);
  return { queue: isWhole ? 'whole' : 'not-whole', resetCame };
}

function noop(): void {}
