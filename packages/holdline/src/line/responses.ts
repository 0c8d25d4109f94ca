import type { Instant } from '../policy/idle-time.js';
import type { Connection } from './connection.js';
import type { Exchange } from './exchange.js';
import type { Origin } from './origin.js';
import { isStale408, ResponseHead } from './response-head.js';
import { tellReplay } from './telling.js';

/**
 * The first bytes of a response, but for a 408 with which the server took leave of a reused connection: that one is held
 * back, for it answers no request.
 *
 * @returns The bytes to deliver; `hold` if there are too few to tell, `stale` for such a 408.
 */
export function firstBytes(exchange: Exchange, chunk: Buffer, isReused: boolean): Buffer | 'hold' | 'stale' {
  const start = exchange.held ? Buffer.concat([exchange.held, chunk]) : chunk;
  const stale = isReused ? isStale408(start) : 'no';
  exchange.held = stale === 'no' ? undefined : start;
  if (stale === 'no') return start;
  return stale === 'yes' ? 'stale' : 'hold';
}

/** The response has begun: the request will not be sent again. */
export function beginResponse(origin: Origin, connection: Connection, exchange: Exchange, now: Instant): void {
  exchange.responseStarted = true;
  exchange.recording.forget();
  if (exchange.head?.leavesHttp || connection.isHintWanted) exchange.response = new ResponseHead();
  connection.noteResponse(now, exchange.lastSentAt);
  tellReplay(origin, exchange, true, now);
}

/**
 * Takes from the response's head what concerns the connection.
 *
 * @returns Whether the connection speaks another protocol from here on.
 */
export function heedHead(origin: Origin, connection: Connection, exchange: Exchange, chunk: Buffer): boolean {
  const { response } = exchange;
  if (!response || response.whole) return false;
  response.read(chunk);
  const { status = 0, hint } = response;
  if (response.whole && hint) {
    connection.noteHint(hint);
    origin.noteHint(connection.hint);
  }
  return status === 101 || (exchange.head?.method === 'CONNECT' && status >= 200 && status < 300);
}
