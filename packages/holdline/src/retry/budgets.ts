import { type Budget, type BudgetLimits, canSpend, deposit, fullBudget, refill, spend } from '../policy/budget.js';

/** A process that names more origins than this forgets the one that it has not used for longest. */
const MOST_ORIGINS = 1_000;

/** The retry budgets of a process, one for each origin that a caller names, and one for all calls that name none. */
export class Budgets {
  readonly #budgets = new Map<string, Budget>();

  /** A call was made, which earns its origin a part of a retry. */
  noteCall(origin: string, limits: BudgetLimits, nowMs: number): void {
    this.#keep(origin, deposit(this.#at(origin, limits, nowMs), limits, 1));
  }

  /** Whether the origin may be sent a retry. */
  canSpend(origin: string, limits: BudgetLimits, nowMs: number): boolean {
    return canSpend(this.#at(origin, limits, nowMs));
  }

  spend(origin: string, limits: BudgetLimits, nowMs: number): void {
    this.#keep(origin, spend(this.#at(origin, limits, nowMs)));
  }

  #at(origin: string, limits: BudgetLimits, nowMs: number): Budget {
    return refill(this.#budgets.get(origin) ?? fullBudget(limits, nowMs), limits, nowMs);
  }

  #keep(origin: string, budget: Budget): void {
    this.#budgets.delete(origin); // so that the map is in the order of last use
    this.#budgets.set(origin, budget);
    if (this.#budgets.size <= MOST_ORIGINS) return;
    for (const oldest of this.#budgets.keys()) {
      this.#budgets.delete(oldest);
      return;
    }
  }
}

/** Those of this process, whoever makes the attempts: an origin does not care who retries. */
export const processBudgets = new Budgets();
