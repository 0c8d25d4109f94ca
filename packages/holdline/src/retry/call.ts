import { retryChannel } from '../events/channels.js';
import { decideRetry, type Reading, type RetryDecision } from '../policy/retry.js';
import type { Attempt, Begin } from './attempt.js';
import type { Budgets } from './budgets.js';
import { bodiesOf, discard } from './discard.js';
import { Ending } from './ending.js';
import type { Cancel, RetryMachine } from './machine.js';
import type { RetrySettings } from './options.js';
import { type Outcome, readOutcome } from './reading.js';
import { watchRedirects } from './redirects.js';

/** One call of `retry`. */
export class Call<Result> {
  readonly #ending: Ending;
  readonly #startedMs: number;
  readonly #budget: string;
  /** A redirect was seen while an attempt ran. */
  #redirected = false;

  constructor(
    private readonly fn: Begin<Result>,
    private readonly settings: RetrySettings<Result>,
    private readonly machine: RetryMachine,
    private readonly budgets: Budgets,
  ) {
    this.#startedMs = machine.now().monotonicMs;
    this.#ending = new Ending(machine, settings.signal, settings.deadlineMs);
    this.#budget = settings.origin ?? '';
  }

  async run(): Promise<Result> {
    let given: Outcome<Result> | undefined;
    try {
      this.budgets.noteCall(this.#budget, this.settings.budget, this.#startedMs);
      for (let attempt = 1; ; attempt++) {
        if (this.#ending.ended) return this.#endBefore(attempt, this.#ending.ended);
        const outcome = await this.#attempt(attempt);
        const decision = this.#decide(attempt, outcome);
        if (decision.action === 'stop') {
          given = decision.reason === 'aborted' ? undefined : outcome;
          if (outcome && !given) discard(outcome, this.machine);
          return this.#give(given);
        }
        if (outcome) discard(outcome, this.machine);
        await this.#ending.orEnd((done) => this.machine.timer(decision.delayMs, true, () => done(undefined)));
      }
    } finally {
      this.#ending.close(given ? bodiesOf(given) : []);
    }
  }

  #endBefore(attempt: number, reason: 'aborted' | 'deadline'): never {
    this.#tell(attempt - 1, { action: 'stop', reason }, undefined);
    throw this.#ending.reason;
  }

  /** Makes an attempt. `undefined`: the call was ended meanwhile, and nobody will hear of what comes of it. */
  async #attempt(number: number): Promise<Outcome<Result> | undefined> {
    const { remainingMs, signal } = this.#ending;
    const endWatch = this.#watch();
    const work = settled(this.fn, {
      number,
      signal,
      key: this.settings.key,
      remainingMs: remainingMs === Infinity ? undefined : remainingMs,
    });
    const outcome = await this.#ending.orEnd<Outcome<Result>>((give) => {
      void work.then(give);
      return noop;
    });
    endWatch();
    if (!outcome) void work.then((late) => discard(late, this.machine));
    return outcome;
  }

  /** Only a request that must not run twice depends on it. */
  #watch(): Cancel {
    if (this.settings.idempotent || this.settings.key !== undefined) return noop;
    return watchRedirects(() => {
      this.#redirected = true;
    });
  }

  #decide(attempt: number, outcome: Outcome<Result> | undefined): RetryDecision {
    const { settings, machine } = this;
    const now = machine.now();
    const reading = outcome && this.#read(outcome, now.wallMs);
    if (outcome && !outcome.ok) this.#ending.lastError = outcome.error;
    const decision = decideRetry({
      reading: reading ?? { kind: 'fault' },
      ended: this.#ending.ended,
      idempotent: settings.idempotent,
      keyed: settings.key !== undefined,
      redirected: this.#redirected,
      attempt,
      limits: settings,
      remainingMs: this.#ending.remainingMs,
      budgetLeft: this.budgets.canSpend(this.#budget, settings.budget, now.monotonicMs),
      random: machine.random(),
    });
    if (decision.action === 'retry') this.budgets.spend(this.#budget, settings.budget, now.monotonicMs);
    this.#tell(attempt, decision, outcome, reading);
    return decision;
  }

  #read(outcome: Outcome<Result>, wallMs: number): Reading {
    try {
      return this.settings.read(outcome) ?? readOutcome(outcome, this.settings.statuses, wallMs);
    } catch (error) {
      discard(outcome, this.machine);
      throw error;
    }
  }

  /** What the last attempt gave, as its client gave it; or why the call was ended. */
  #give(outcome: Outcome<Result> | undefined): Result {
    if (!outcome) throw this.#ending.reason;
    if (outcome.ok) return outcome.result;
    throw outcome.error;
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

/** Begins an attempt; what it throws at once counts as its failure. Never rejects. */
function settled<Result>(fn: Begin<Result>, attempt: Attempt): Promise<Outcome<Result>> {
  return new Promise<Result>((resolve) => resolve(fn(Object.freeze(attempt)))).then(
    (result) => ({ ok: true, result }),
    (error: unknown) => ({ ok: false, error }),
  );
}

function noop(): void {}
