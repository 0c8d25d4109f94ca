import { randomUUID } from 'node:crypto';
import type { Instant } from '../policy/idle-time.js';

/** Ends a timer that was not due yet, or a watch. */
export type Cancel = () => void;

/** What a retry asks of the computer that it runs on. Tests give it another one, where time passes when told. */
export interface RetryMachine {
  now(): Instant;
  /** Calls back after `ms`. The process stays alive for it only if `ref`. */
  timer(ms: number, ref: boolean, run: () => void): Cancel;
  /** A number from 0 to below 1. */
  random(): number;
  /** A fresh idempotency key. */
  uuid(): string;
}

/**
 * The machine that Node runs on. Timers and clocks are looked up at each use: a wait between attempts is the program's
 * own, so a test's fake timers move it.
 */
export const nodeMachine: RetryMachine = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
  timer: (ms, ref, run) => {
    const timer = setTimeout(run, ms);
    if (!ref) timer.unref();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  uuid: () => randomUUID(),
};
