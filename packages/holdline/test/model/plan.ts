import type { channels } from '../../src/events/channels.js';
import type { HoldlineOptions } from '../../src/line/options.js';
import type { OnTimeout } from './client.js';
import type { End } from './hop.js';

/** What a client hears of its Line. */
export type ClientEvent = 'data' | 'end' | 'error' | 'close' | 'timeout' | 'written';

/** What an observer hears of a Line. */
export type Channel = (typeof channels)[keyof typeof channels];

/** A request that the caller will make. */
export interface RequestPlan {
  readonly method: 'GET' | 'POST';
  readonly keyed?: boolean;
  /** It comes in this many writes; default 1. */
  readonly writes?: 1 | 2;
}

/** What may happen in a walk. What is left out does not. */
export interface Plan {
  /** One after another, over one Line while it lives. */
  readonly requests: readonly RequestPlan[];
  /** Where a Line has ended, the next request gets a new one. */
  readonly renews?: boolean;
  /** The client writes one more request before the first is answered. */
  readonly ahead?: boolean;
  /** How often the caller may abort. */
  readonly aborts?: number;
  /** The caller aborts as soon as this happens. */
  readonly abortsOn?: ClientEvent | Channel;
  /** The caller may end its side of the Line. */
  readonly halfCloses?: boolean;
  /** The socket's timeout while a request holds it, in ms, and what the caller does then. */
  readonly timeoutMs?: number;
  readonly onTimeout?: OnTimeout;
  /** So many of the answer's first bytes come by themselves. Fewer than 13 may be the start of a 408. */
  readonly splitAfterBytes?: number;
  /** How long a primed Line has been idle when its request comes, in ms; default 100. From 500 on a feeler goes ahead. */
  readonly idleMs?: number;
  /** The Line has served a request; default `true`. */
  readonly primed?: boolean;
  /** Idle Lines beside it, of the same origin. */
  readonly siblings?: number;
  /** The sockets come from a user's own `createConnection`. */
  readonly given?: boolean;
  /** How many unacknowledged bytes a kernel takes. */
  readonly sendBufferBytes?: number;
  /** How the server may end a connection; default by a FIN, a RST or half. */
  readonly ends?: readonly End[];
  /** Pieces of time that may pass, in ms, one after another. */
  readonly waitsMs?: readonly number[];
  /** The machine may sleep, and its wall clock may be set back, this often. */
  readonly jumps?: number;
  /** The server executes a request as soon as it has its head. */
  readonly actsOnHead?: boolean;
  /** A server that has half-closed still executes what comes. It never answers by a RST: then nobody could tell. */
  readonly late?: boolean;
  /** The `Keep-Alive` header of the answers: a timeout of 2 s and at most 2 requests. */
  readonly hints?: boolean;
  /** The server ignores idempotency keys. */
  readonly ignoresKeys?: boolean;
  /** Later connections, too, go in small steps. */
  readonly smallSteps?: boolean;
  /** Things may happen before streams and promises have done what they have to do. */
  readonly hasty?: boolean;
  readonly options?: HoldlineOptions;
}

/** Something that can happen next. */
export interface Action {
  readonly name: string;
  /** Whose doing it is: what a server does and what a client does next to it come to the same in either order. */
  readonly side: 'client' | 'server';
  readonly run: () => void | Promise<void>;
}
