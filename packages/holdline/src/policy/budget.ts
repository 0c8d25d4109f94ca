/** How many replays that cost something an origin may be sent. */
export interface BudgetLimits {
  /** Replays allowed for each request. */
  readonly ratio: number;
  /** Replays allowed for each second, whatever the traffic. */
  readonly perSecond: number;
  /** The most that may be saved up. */
  readonly burst: number;
}

/** A token bucket as plain data: make it with {@link fullBudget}, and replace it with what the functions return. */
export interface Budget {
  readonly tokens: number;
  readonly atMs: number;
}

/** A budget with its whole burst to spend. */
export function fullBudget(limits: BudgetLimits, nowMs: number): Budget {
  return { tokens: limits.burst, atMs: nowMs };
}

/** The budget after the time since it was last looked at. A clock that went back adds nothing. */
export function refill(budget: Budget, limits: BudgetLimits, nowMs: number): Budget {
  const seconds = Math.max(0, nowMs - budget.atMs) / 1000;
  return { tokens: Math.min(limits.burst, budget.tokens + gain(seconds, limits.perSecond)), atMs: nowMs };
}

/** The budget after a number of requests were sent. */
export function deposit(budget: Budget, limits: BudgetLimits, requests: number): Budget {
  return { ...budget, tokens: Math.min(limits.burst, budget.tokens + gain(requests, limits.ratio)) };
}

/** Whether a replay may be paid for. */
export function canSpend(budget: Budget): boolean {
  return budget.tokens >= 1;
}

/** The budget after a replay; never below zero. */
export function spend(budget: Budget): Budget {
  return { ...budget, tokens: Math.max(0, budget.tokens - 1) };
}

/** `0 × Infinity` is nothing, not `NaN`. */
function gain(amount: number, rate: number): number {
  return amount === 0 || rate === 0 ? 0 : amount * rate;
}
