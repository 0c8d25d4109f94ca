/** What is known of an idle connection when a request is about to be written to it. */
export interface CheckoutFacts {
  readonly idleMs: number;
  readonly cutoffMs: number;
  /** Requests that the server will still take, see `requestsLeft`. */
  readonly requestsLeft: number;
  /** Whether the connection can be looked at synchronously (it has a descriptor). */
  readonly canLook: boolean;
  /** Whether the cutoff stands on what the user or the server said, rather than on an assumption. */
  readonly limitKnown: boolean;
  /** Whether the request may be sent again without evidence (idempotent, or keyed and honoured; wholly recorded). */
  readonly replayable: boolean;
}

/** What to do with the connection before a byte of the request is written. */
export type Checkout =
  | { readonly action: 'let-go'; readonly reason: 'cutoff' | 'max-requests' }
  | { readonly action: 'look' }
  | { readonly action: 'wait-two-turns' }
  | { readonly action: 'reuse' };

/** A connection that was in use this short a time ago is not looked at: the event loop has just heard from it. */
export const LOOK_AFTER_MS = 5;

/**
 * Decides, by the clock and before a byte is written, whether an idle connection may carry the next request.
 *
 * `look` costs microseconds; `wait-two-turns` costs two turns of the event loop, so it is kept for a request that could
 * not be sent again, where nothing better can be had.
 */
export function decideCheckout(facts: CheckoutFacts): Checkout {
  if (facts.requestsLeft <= 0) return { action: 'let-go', reason: 'max-requests' };
  if (facts.idleMs >= facts.cutoffMs) return { action: 'let-go', reason: 'cutoff' };
  if (facts.idleMs < LOOK_AFTER_MS) return { action: 'reuse' };
  if (facts.canLook) return { action: 'look' };
  if (!facts.replayable && !facts.limitKnown) return { action: 'wait-two-turns' };
  return { action: 'reuse' };
}
