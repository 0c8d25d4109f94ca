/** What is known of an idle connection when a request is about to be written to it. */
export interface CheckoutFacts {
  readonly idleMs: number;
  readonly cutoffMs: number;
  /** For how long the event loop may not have told of its end; see `Machine.heardUntilMs`. */
  readonly unheardMs: number;
  /** Requests that the server will still take, see `requestsLeft`. */
  readonly requestsLeft: number;
  /** What a synchronous look at the connection has told. `impossible`: it has no descriptor. */
  readonly looked: 'not-yet' | 'alive' | 'impossible';
  /** Whether the cutoff stands on what the user or the server said, rather than on an assumption. */
  readonly limitKnown: boolean;
  /** Whether the request may be sent again without evidence (idempotent, or keyed and honoured; wholly recorded). */
  readonly replayable: boolean;
  /** Whether the answer to a feeler is worth its wait, see `feelerPays`. */
  readonly feelerPays: boolean;
}

/** What to do with the connection before a byte of the request is written. */
export type Checkout =
  | { readonly action: 'let-go'; readonly reason: 'cutoff' | 'max-requests' }
  | { readonly action: 'look' }
  | { readonly action: 'feel' }
  | { readonly action: 'wait-two-turns' }
  | { readonly action: 'reuse' };

/** An end that came no longer ago than this is left to the event loop: it may as well come a moment later. */
export const LOOK_AFTER_MS = 5;

/**
 * The same for a request that may be sent again: the look that it is spared costs at most a replay, and in so short a time
 * few of them. In a busy process, whose turns are longer than 5 ms, looks would else make the turns longer still.
 */
export const LOOK_AFTER_IF_REPLAYABLE_MS = 50;

/** No server is known that closes sooner than this; from then on its FIN may be on its way. */
export const LIKELY_CLOSED_AFTER_MS = 500;

/**
 * Decides, by the clock and before the request is written, whether an idle connection may carry it.
 *
 * `look` costs microseconds, so it is taken only where the event loop has not told lately. What it cannot see is a FIN
 * that is still on its way: for a request that could not be sent again, on a connection that nobody promised, `feel`
 * sends its first byte ahead and waits a round trip, and `wait-two-turns`, where nothing better can be had, gives the
 * event loop time to hear of the end.
 */
export function decideCheckout(facts: CheckoutFacts): Checkout {
  if (facts.requestsLeft <= 0) return { action: 'let-go', reason: 'max-requests' };
  if (facts.idleMs >= facts.cutoffMs) return { action: 'let-go', reason: 'cutoff' };
  const wasHeard = facts.unheardMs < (facts.replayable ? LOOK_AFTER_IF_REPLAYABLE_MS : LOOK_AFTER_MS);
  if (!wasHeard && facts.looked === 'not-yet') return { action: 'look' };
  if (facts.replayable || facts.limitKnown) return { action: 'reuse' };
  if (facts.feelerPays && facts.idleMs >= LIKELY_CLOSED_AFTER_MS) return { action: 'feel' };
  if (!wasHeard && facts.looked === 'impossible') return { action: 'wait-two-turns' };
  return { action: 'reuse' };
}
