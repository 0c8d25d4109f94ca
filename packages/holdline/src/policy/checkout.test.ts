import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Checkout,
  type CheckoutFacts,
  decideCheckout,
  LIKELY_CLOSED_AFTER_MS,
  LOOK_AFTER_IF_REPLAYABLE_MS,
  LOOK_AFTER_MS,
} from './checkout.js';

const both = [false, true];
const LOOKED = ['not-yet', 'alive', 'impossible'] as const;
const CUTOFF_MS = 4_000;

const usual: CheckoutFacts = {
  idleMs: 1_000,
  unheardMs: 1_000,
  cutoffMs: CUTOFF_MS,
  requestsLeft: Number.POSITIVE_INFINITY,
  looked: 'not-yet',
  limitKnown: true,
  replayable: true,
  feelerPays: true,
};

describe('before a request is written to an idle connection', () => {
  test('it is let go from its cutoff on', () => {
    const atCutoff = decideCheckout({ ...usual, idleMs: CUTOFF_MS });
    expect(atCutoff).toEqual({ action: 'let-go', reason: 'cutoff' });
    expect(decideCheckout({ ...usual, idleMs: CUTOFF_MS - 1 })).toEqual({ action: 'look' });
  });

  test('it is let go at once where the cutoff is 0', () => {
    expect(decideCheckout({ ...usual, idleMs: 0, cutoffMs: 0 })).toEqual({ action: 'let-go', reason: 'cutoff' });
  });

  test('it is let go when the server takes no more requests on it, even if it was in use a moment ago', () => {
    const spent = decideCheckout({ ...usual, idleMs: 0, requestsLeft: 0 });
    expect(spent).toEqual({ action: 'let-go', reason: 'max-requests' });
    expect(decideCheckout({ ...usual, requestsLeft: 1 }).action).not.toBe('let-go');
  });

  test('it is not looked at when the event loop has just heard from it', () => {
    const once: CheckoutFacts = { ...usual, replayable: false };
    expect(decideCheckout({ ...once, unheardMs: LOOK_AFTER_MS - 0.1 })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...once, unheardMs: LOOK_AFTER_MS })).toEqual({ action: 'look' });
  });

  test('a request that may be sent again is spared looks that only a busy event loop would need', () => {
    expect(decideCheckout({ ...usual, unheardMs: LOOK_AFTER_IF_REPLAYABLE_MS - 0.1 })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...usual, unheardMs: LOOK_AFTER_IF_REPLAYABLE_MS })).toEqual({ action: 'look' });
  });

  test('a feeler goes ahead of a request that cannot go twice, on a connection that nobody promised', () => {
    const unknown: CheckoutFacts = { ...usual, looked: 'alive', replayable: false, limitKnown: false };
    expect(decideCheckout(unknown)).toEqual({ action: 'feel' });
    expect(decideCheckout({ ...unknown, looked: 'not-yet' })).toEqual({ action: 'look' });
    expect(decideCheckout({ ...unknown, replayable: true })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...unknown, limitKnown: true })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...unknown, feelerPays: false })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...unknown, idleMs: LIKELY_CLOSED_AFTER_MS - 1 })).toEqual({ action: 'reuse' });
  });

  test('two turns of the event loop are spent only where nothing better can be had for a request that cannot go twice', () => {
    const blind: CheckoutFacts = { ...usual, looked: 'impossible', feelerPays: false };
    expect(decideCheckout({ ...blind, replayable: false, limitKnown: false })).toEqual({ action: 'wait-two-turns' });
    expect(decideCheckout({ ...blind, replayable: false, limitKnown: true })).toEqual({ action: 'reuse' });
    expect(decideCheckout({ ...blind, replayable: true, limitKnown: false })).toEqual({ action: 'reuse' });
  });
});

/** The table of DESIGN, row by row: the first that fits decides. */
function expected(facts: CheckoutFacts): Checkout {
  const unheard = facts.unheardMs >= (facts.replayable ? 50 : 5);
  const rows: readonly [boolean, Checkout][] = [
    [facts.requestsLeft <= 0, { action: 'let-go', reason: 'max-requests' }],
    [facts.idleMs >= facts.cutoffMs, { action: 'let-go', reason: 'cutoff' }],
    [unheard && facts.looked === 'not-yet', { action: 'look' }],
    [facts.replayable || facts.limitKnown, { action: 'reuse' }],
    [facts.idleMs >= LIKELY_CLOSED_AFTER_MS && facts.feelerPays, { action: 'feel' }],
    [unheard && facts.looked === 'impossible', { action: 'wait-two-turns' }],
    [true, { action: 'reuse' }],
  ];
  return rows.find(([fits]) => fits)?.[1] ?? { action: 'reuse' };
}

function everyCombination(): CheckoutFacts[] {
  const combinations: CheckoutFacts[] = [];
  for (const idleMs of [0, 499, 500, 1_000, CUTOFF_MS - 1, CUTOFF_MS, CUTOFF_MS + 1, 1e9])
    for (const unheardMs of [0, 4, 5, 49, 50, 1e9])
      for (const cutoffMs of [0, 1, CUTOFF_MS])
        for (const requestsLeft of [0, 1, Number.POSITIVE_INFINITY])
          for (const looked of LOOKED)
            for (const limitKnown of both)
              for (const replayable of both)
                for (const feelerPays of both)
                  combinations.push({
                    ...{ idleMs, unheardMs, cutoffMs, requestsLeft },
                    ...{ looked, limitKnown, replayable, feelerPays },
                  });
  return combinations;
}

test('every combination of facts has the answer that the table gives', () => {
  const combinations = everyCombination();
  expect(combinations).toHaveLength(8 * 6 * 3 * 3 * 3 * 8);
  for (const facts of combinations) expect(decideCheckout(facts), JSON.stringify(facts)).toEqual(expected(facts));
});

test('no connection past its cutoff is ever written to, whatever else is known', () => {
  const anyFacts = fc.record({
    idleMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    unheardMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    cutoffMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    requestsLeft: fc.oneof(fc.nat(3), fc.constant(Number.POSITIVE_INFINITY)),
    looked: fc.constantFrom(...LOOKED),
    limitKnown: fc.boolean(),
    replayable: fc.boolean(),
    feelerPays: fc.boolean(),
  });
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const pastIt = facts.idleMs >= facts.cutoffMs || facts.requestsLeft === 0;
      expect(decideCheckout(facts).action === 'let-go').toBe(pastIt);
    }),
  );
});
