import type { Arm, HalfId } from './arms.js';
import type { History } from './history.js';
import type { Caller } from './workload.js';

/** Where an arm finds its B. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** What the demo tells B's process. */
export type ToServer =
  | {
      readonly type: 'listen';
      readonly half: HalfId;
      readonly host: string;
      readonly ledgerPath: string;
      /** Left out: Node's default. */
      readonly keepAliveTimeoutMs?: number;
      /** What a B that closes at any time does after which request. */
      readonly workload: readonly Caller[];
      /** One port is opened for each. */
      readonly arms: readonly string[];
    }
  | { readonly type: 'stop' };

/** What B's process tells the demo. */
export type FromServer =
  | { readonly type: 'listening'; readonly ports: Readonly<Record<string, number>> }
  | { readonly type: 'stopped' };

/** What the demo tells a process of A. */
export type ToClient =
  | { readonly type: 'measure'; readonly target: Target; readonly connections: number; readonly giveUpAfterMs: number }
  | {
      readonly type: 'run';
      readonly arm: Arm;
      readonly half: HalfId;
      readonly target: Target;
      readonly workload: readonly Caller[];
    }
  | { readonly type: 'finish' };

/** How long B kept idle connections, seen from A. */
export interface Measurement {
  /** What B's `Keep-Alive` header says; undefined if it says nothing. */
  readonly advertisedMs?: number;
  /** The median of what A saw. */
  readonly measuredMs: number;
}

/** Counts for the progress line. */
export interface Progress {
  readonly sent: number;
  readonly hungUp: number;
}

/** What a process of A tells the demo. */
export type FromClient =
  | { readonly type: 'ready' }
  | { readonly type: 'measured'; readonly measurement: Measurement }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly history: History }
  | { readonly type: 'failed'; readonly message: string };
