import type { Kind } from './roles.js';

// What `summary.json` holds: a run judged. Its JSON Schema is published as `@holdline/cli/schemas/lab-summary.json`.

/** `unknown`: what was to be shown did not happen (no crossings, a client that was not installed). */
export type Verdict = 'pass' | 'fail' | 'unknown';

/** A whole run. */
export interface Summary {
  readonly format: 1;
  readonly verdict: Verdict;
  readonly suite: string;
  readonly seed: number;
  /** As typed, without paths of the machine. */
  readonly commandLine: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** False if it was interrupted. */
  readonly complete: boolean;
  /** `node`, `holdline`, the clients' packages, the servers. */
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: { readonly platform: string; readonly cpus: number };
  readonly rounds: readonly Round[];
}

/** Some clients side by side: one server, link, fault and workload. */
export interface Round {
  /** Also the name of its folder in the run's: `DIR/rounds/ID/{history,ledger}.ndjson`. */
  readonly id: string;
  readonly server: string;
  readonly fault: string;
  readonly workload: string;
  readonly link: { readonly kind: 'relay' | 'packets'; readonly roundTripMs: number };
  /** B's idle limit in this round, in ms; absent where it has none. */
  readonly idleLimitMs?: number;
  /** How the clients know of it: not at all, by the `Keep-Alive` header, or stated as an option. */
  readonly told: 'nothing' | 'hint' | 'stated';
  /** The requests that each client was given. */
  readonly planned: number;
  /**
   * How late the clients' event loops were (p99, in ms): how far the danger window reaches past the idle limit. Absent
   * where it was not measured.
   */
  readonly clientLagMs?: number;
  /** Why it did not run. */
  readonly skipped?: { readonly what: string; readonly remedy: string };
  readonly cells: readonly Cell[];
}

/** One client in a round. */
export interface Cell {
  readonly client: string;
  readonly title: string;
  readonly bareId?: string;
  readonly verdict: Verdict;
  /** Whether the run's verdict depends on this one: Holdline's cells do, a peer's only where the lab itself is in doubt. */
  readonly decides: boolean;
  /** What is wrong, or unknown, in words; empty for a pass. */
  readonly reasons: readonly string[];
  readonly skipped?: { readonly what: string; readonly remedy: string };
  readonly findings?: Findings;
}

/** What became of a client's requests, by its history and B's ledger. */
export interface Findings {
  readonly sent: number;
  readonly answered: number;
  /** Errors that say the connection ended before the answer began. */
  readonly hungUp: PerKind;
  /** Hung up, and not in the ledger. */
  readonly surfacedNotExecuted: number;
  /** Hung up, and in the ledger. */
  readonly surfacedExecuted: number;
  /** Hung up with an error that says why it was not sent again, by reason; `answered-408` where B's own 408 was handed on. */
  readonly surfacedBy: Readonly<Record<string, number>>;
  /** Hung up though nothing stood against sending it again: idempotent or keyed, and no reason named that forbids it. */
  readonly uncured: number;
  /** Other errors, by code; an answer that is no success by its status, as in `HTTP 503`. */
  readonly failedBy: Readonly<Record<string, number>>;
  /** Neither an answer nor an error. */
  readonly silent: number;
  /** Answered, but not in the ledger. */
  readonly lost: number;
  /** Answered with another request's answer, or with one that broke off, as if it were whole. */
  readonly mixedUp: number;
  /** Executed more than once; for a keyed POST: with more than one effect. */
  readonly twice: PerKind;
  /** Requests on the way while B's close was on the way. */
  readonly crossings: number;
  /** What the client's own code, or Holdline, sent again and was then answered, by reason. */
  readonly replayedBy: Readonly<Record<string, number>>;
  readonly latencyMs: Quantiles;
  /** Of the answered requests that were sent again. */
  readonly curedLatencyMs?: Quantiles;
  readonly connects: number;
  /** The fewest connects that a client could have made that knew the true limit. */
  readonly oracleConnects: number;
  /** By kind: requests sent on a connection that had served before, and how many the oracle would have. */
  readonly reuse: Readonly<
    Record<Kind, { readonly requests: number; readonly reused: number; readonly oracle: number }>
  >;
  /** Hang-ups and requests by the connection's idle time, for the picture of the danger window. */
  readonly byIdleTime: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly requests: number;
    readonly hungUp: number;
  }[];
}

export type PerKind = Readonly<Record<Kind, number>>;

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
