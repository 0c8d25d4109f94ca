import type { Failure } from '../failure.js';
import type { Greeting, Http2Observation, RequestCount } from '../observation.js';
import type { ClientVerdict, DangerWindow } from './advice.js';
import type { FindingId } from './explanations.js';
import type { Expected } from './hang-ups.js';
import type { AddressReport, Limit } from './limit.js';

/** How much a finding matters: `bad` hangs requests up, `warn` may, `note` should be known, `good` is in order. */
export type Severity = 'bad' | 'warn' | 'note' | 'good';

/** One thing that was found, as a sentence. Its id is explained by `holdline probe --explain ID`. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly text: string;
}

/** What the person who asked expects; undefined where nothing was said. */
export interface Questions {
  /** The idle limit that the server should have, in ms. */
  readonly expectMs?: number;
  /** How long the client keeps idle connections, in ms. */
  readonly clientIdleMs?: number;
  readonly traffic?: { readonly perSecond: number; readonly connections: number };
}

/** What the findings say as a whole: the exit status of the command. */
export type Outcome = 'in-order' | 'mismatch' | 'not-measured';

/** All that is drawn from an {@link Observation}. Times in ms. */
export interface Report {
  readonly url: string;
  readonly origin: string;
  readonly outcome: Outcome;
  /** The limit that counts: the lowest of all addresses. Undefined where none could be measured. */
  readonly limit?: Limit;
  readonly advertisedMs?: number;
  readonly advertisedMax?: number;
  readonly greeting?: Greeting;
  readonly rttMs: number;
  readonly lagMs: number;
  readonly dangerWindow?: DangerWindow;
  /** The idle time from which a client should no longer reuse a connection. */
  readonly cutoffMs?: number;
  readonly clients: readonly ClientVerdict[];
  /** The share of requests that meet the close at worst, by a client that never lets go, if they come by chance. */
  readonly worstShare?: number;
  /** For the traffic that was asked about. */
  readonly expected?: Expected;
  readonly findings: readonly Finding[];
  readonly addresses: readonly AddressReport[];
  readonly requests?: RequestCount;
  readonly http2?: Http2Observation;
  readonly failure?: Failure;
  readonly tookMs: number;
  readonly interrupted: boolean;
}
