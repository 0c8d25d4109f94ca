import type { Failure } from './failure.js';

/** How a server ended a connection that no request held. `lost`: the system gave it up (ETIMEDOUT, EHOSTUNREACH, …). */
export type CloseWay = 'fin' | 'reset' | '408' | 'close-notify' | 'goaway' | 'lost';

/** What a connection was opened for. */
export type Role =
  /** The first one: it finds out what the server is like. */
  | 'greeting'
  /** Held until the server closes it, or the probe ends. */
  | 'watched'
  /** Reused after an idle time that was chosen beforehand. */
  | 'reused'
  /** Never carries a request: it shows the timer before the first one. */
  | 'unused'
  /** Carries requests one after another. */
  | 'counting';

/** How one connection ended. Times are idle times, in ms; for an unused connection, times since it was open. */
export type Ending =
  | { readonly kind: 'closed'; readonly by: CloseWay; readonly idleMs: number }
  /** Reused, and answered. */
  | { readonly kind: 'answered'; readonly idleMs: number }
  /** Reused, and it ended before an answer: a crossing, or what lies between had forgotten it. */
  | { readonly kind: 'hung-up'; readonly by: CloseWay; readonly idleMs: number; readonly afterMs: number }
  /** Reused, and nothing came at all: dropped in silence. */
  | { readonly kind: 'unanswered'; readonly idleMs: number; readonly waitedMs: number }
  /** Still open when the probe ended. */
  | { readonly kind: 'open'; readonly idleMs: number }
  /** The server said that it closes after the response. */
  | { readonly kind: 'announced' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What one connection showed. */
export interface Sample {
  readonly id: number;
  readonly role: Role;
  readonly ending: Ending;
  /** When it ended, in ms since the probe began. */
  readonly endedAtMs: number;
  /** By how much the idle time may be wrong, in ms, for the probe's own event loop was busy. */
  readonly doubtMs: number;
  readonly localPort?: number;
  readonly connectMs?: number;
  /** From the request to the first byte of its response, in ms. */
  readonly answerMs?: number;
}

/** `refused`: it answers HEAD with 405 or 501; `closes`: it does not keep the connection; `body`: bytes follow its answer. */
export type HeadFault = 'refused' | 'closes' | 'body';

/** What the first response said. */
export interface Greeting {
  readonly method: string;
  readonly status: number;
  readonly httpVersion: string;
  readonly keepsOpen: boolean;
  /** `Keep-Alive: timeout`, in ms. */
  readonly hintMs?: number;
  /** `Keep-Alive: max`. */
  readonly hintMax?: number;
  readonly server?: string;
  readonly location?: string;
  /** Why GET was sent instead of HEAD. */
  readonly headFault?: HeadFault;
  /** The status of the answer to HEAD, where GET was sent instead. */
  readonly headStatus?: number;
  readonly tlsVersion?: string;
}

/** How many requests one connection carried. */
export interface RequestCount {
  readonly served: number;
  /** `announced`: by `Connection: close`; `asked`: as many as were to be sent, and it stayed open. */
  readonly endedBy: 'announced' | 'asked' | CloseWay;
}

/** What an HTTP/2 connection showed, where the server chose it by ALPN. */
export interface Http2Observation {
  readonly pingMs?: number;
  readonly status?: number;
  /** The server closed it after this idle time, in ms; or it was still open then. */
  readonly idleMs: number;
  readonly closed: boolean;
  readonly by?: CloseWay;
  readonly goawayCode?: number;
}

/** All that was seen of one address. */
export interface AddressObservation {
  /** An IP address, or the path of a Unix socket, or the name that the proxy resolves. */
  readonly address: string;
  readonly greeting?: Greeting;
  /** Set where nothing could be measured. */
  readonly failure?: Failure;
  readonly samples: readonly Sample[];
  readonly requests?: RequestCount;
  readonly http2?: Http2Observation;
  /** Rounds measured: one, and one for each time that a silent drop was looked at more closely. */
  readonly rounds: number;
}

/** All that was seen of one URL: what the findings are drawn from. */
export interface Observation {
  readonly url: string;
  readonly addresses: readonly AddressObservation[];
  /** Set where it did not come to any address. */
  readonly failure?: Failure;
  readonly maxWaitMs: number;
  readonly tookMs: number;
  /** How late the probe's own event loop ran (p99), in ms. */
  readonly lagMs: number;
  /** How long the machine was found suspended, each time, in ms: what was under way was measured anew. */
  readonly suspendedMs: readonly number[];
  readonly interrupted: boolean;
}
