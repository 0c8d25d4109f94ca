import type { RetryDecision } from '../policy/retry.js';
import type { Attempt, Begin } from './attempt.js';
import type { Budgets } from './budgets.js';
import { Deciding } from './deciding.js';
import { bodiesOf, discard } from './discard.js';
import { Ending } from './ending.js';
import type { RetryMachine } from './machine.js';
import type { RetrySettings } from './options.js';
import type { Outcome } from './reading.js';

/** One call of `retry`. */
export class Call<Result> {
  readonly #deciding: Deciding<Result>;
  readonly #ending: Ending;

  constructor(
    private readonly fn: Begin<Result>,
    private readonly settings: RetrySettings<Result>,
    private readonly machine: RetryMachine,
    budgets: Budgets,
  ) {
    this.#ending = new Ending(machine, settings.signal, settings.deadlineMs);
    this.#deciding = new Deciding(settings, machine, budgets, this.#ending);
  }

  async run(): Promise<Result> {
    let given: Outcome<Result> | undefined;
    try {
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
    this.#deciding.tellEnd(attempt - 1, reason);
    throw this.#ending.reason;
  }

  /** Makes an attempt. `undefined`: the call was ended meanwhile, and nobody will hear of what comes of it. */
  async #attempt(number: number): Promise<Outcome<Result> | undefined> {
    const { remainingMs, signal } = this.#ending;
    const endWatch = this.#deciding.watch();
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

  #decide(attempt: number, outcome: Outcome<Result> | undefined): RetryDecision {
    try {
      return this.#deciding.decide(attempt, outcome);
    } catch (error) {
      if (outcome) discard(outcome, this.machine);
      throw error;
    }
  }

  /** What the last attempt gave, as its client gave it; or why the call was ended. */
  #give(outcome: Outcome<Result> | undefined): Result {
    if (!outcome) throw this.#ending.reason;
    if (outcome.ok) return outcome.result;
    throw outcome.error;
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
