import { retryChannel } from '../events/channels.js';
import { decideRetry, type Reading, type RetryDecision } from '../policy/retry.js';
import type { Budgets } from './budgets.js';
import type { Cancel, RetryMachine } from './machine.js';
import type { RetrySettings } from './options.js';
import { type Outcome, readOutcome } from './reading.js';
import { watchRedirects } from './redirects.js';

/** What may end a call before its attempts do, as far as it is decided by. */
export interface Ends {
  readonly ended: 'aborted' | 'deadline' | undefined;
  /** Until the deadline, in ms from 0; `Infinity` where there is none. */
  readonly remainingMs: number;
  /** Is told the last failure. */
  lastError: unknown;
}

/** What is known and decided of one call, whoever makes its attempts. */
export class Deciding<Result> {
  readonly #startedMs: number;
  readonly #budget: string;
  /** A redirect was seen while an attempt ran. */
  #redirected = false;

  constructor(
    private readonly settings: RetrySettings<Result>,
    private readonly machine: RetryMachine,
    private readonly budgets: Budgets,
    private readonly ending: Ends,
  ) {
    this.#startedMs = machine.now().monotonicMs;
    this.#budget = settings.origin ?? '';
    budgets.noteCall(this.#budget, settings.budget, this.#startedMs);
  }

  /** Watches for redirects while an attempt runs: only a request that must not run twice depends on them. */
  watch(): Cancel {
    if (this.settings.idempotent || this.settings.key !== undefined) return noop;
    return watchRedirects(() => {
      this.#redirected = true;
    });
  }

  /**
   * Decides what comes after an attempt, and tells it.
   *
   * @param outcome - `undefined` where the call was ended meanwhile, so that nobody will hear of what came of it.
   * @throws What the caller's `read` throws.
   */
  decide(attempt: number, outcome: Outcome<Result> | undefined): RetryDecision {
    const { settings, machine } = this;
    const now = machine.now();
    const reading = outcome && (settings.read(outcome) ?? readOutcome(outcome, settings.statuses, now.wallMs));
    if (outcome && !outcome.ok) this.ending.lastError = outcome.error;
    const whyNotRecorded = settings.whyNotRecorded?.();
    const decision = decideRetry({
      reading: reading ?? { kind: 'fault' },
      ended: this.ending.ended,
      idempotent: settings.idempotent,
      keyed: settings.key !== undefined,
      redirected: this.#redirected,
      recorded: whyNotRecorded === undefined,
      attempt,
      limits: settings,
      remainingMs: this.ending.remainingMs,
      budgetLeft: this.budgets.canSpend(this.#budget, settings.budget, now.monotonicMs),
      random: machine.random(),
    });
    if (decision.action === 'retry') this.budgets.spend(this.#budget, settings.budget, now.monotonicMs);
    if (decision.reason === 'not-recorded' && outcome && !outcome.ok) explain(outcome.error, whyNotRecorded);
    this.#tell(attempt, decision, outcome, reading);
    return decision;
  }

  /** Tells that the call was ended while no attempt ran. */
  tellEnd(attempts: number, reason: 'aborted' | 'deadline'): void {
    this.#tell(attempts, { action: 'stop', reason }, undefined);
  }

  #tell(attempt: number, decision: RetryDecision, outcome: Outcome<Result> | undefined, reading?: Reading): void {
    retryChannel.publish(() => ({
      origin: this.settings.origin,
      attempt,
      action: decision.action,
      reason: decision.reason,
      delayMs: decision.action === 'retry' ? decision.delayMs : undefined,
      status: reading?.kind === 'status' ? reading.status : undefined,
      code: reading?.kind === 'failure' ? reading.code : undefined,
      error: outcome && !outcome.ok ? outcome.error : undefined,
      tookMs: this.machine.now().monotonicMs - this.#startedMs,
    }));
  }
}

/** The error stays the client's; only what the caller can do about its body is nowhere else to be read. */
function explain(error: unknown, why: string | undefined): void {
  if (typeof error === 'object' && error !== null && Object.isExtensible(error)) Reflect.set(error, 'notRetried', why);
}

function noop(): void {}
