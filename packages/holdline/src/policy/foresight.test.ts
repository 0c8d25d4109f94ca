import { describe, expect, test } from 'vitest';
import { GET, POST } from '../../test/hang-up-facts.js';
import type { CheckoutFacts } from './checkout.js';
import { foreseeCheckout, foreseeHangUp, type Glance, type ObservedEnd, type Precautions } from './foresight.js';

const IDLE: CheckoutFacts = {
  idleMs: 1_000,
  cutoffMs: 4_000,
  unheardMs: 1_000,
  requestsLeft: Number.POSITIVE_INFINITY,
  looked: 'not-yet',
  limitKnown: false,
  replayable: false,
  feelerPays: true,
};

const WRITES: Precautions = { letGo: undefined, looks: false, ahead: 'nothing' };
const LOOKS: Precautions = { letGo: undefined, looks: true, ahead: 'nothing' };
const FEELS: Precautions = { letGo: undefined, looks: true, ahead: 'feel' };
const WAITS: Precautions = { letGo: undefined, looks: false, ahead: 'wait-two-turns' };

const WHOLE: Glance = { queue: 'whole', resetCame: false };
const RECEIVED: Glance = { queue: 'not-whole', resetCame: false };
const EMPTIED: Glance = { queue: 'unreadable', resetCame: true };
const UNREADABLE: Glance = { queue: 'unreadable', resetCame: false };

function ended(how: ObservedEnd['how'], when: 'at once' | 'later', seen?: Glance): ObservedEnd {
  return { how, atOnce: when === 'at once', seen };
}

describe('before a request is written', () => {
  test('what the clock would let go of is foreseen', () => {
    expect(foreseeCheckout({ ...IDLE, idleMs: 4_000 }, false).letGo).toBe('cutoff');
    expect(foreseeCheckout({ ...IDLE, requestsLeft: 0 }, false).letGo).toBe('max-requests');
    expect(foreseeCheckout(IDLE, true).letGo).toBe('sibling');
    expect(foreseeCheckout(IDLE, false).letGo).toBeUndefined();
  });

  test('so are the look, and what would follow it on a connection that lives', () => {
    expect(foreseeCheckout(IDLE, false)).toEqual(FEELS);
    expect(foreseeCheckout({ ...IDLE, replayable: true }, false)).toEqual(LOOKS);
    expect(foreseeCheckout({ ...IDLE, replayable: true, unheardMs: 1 }, false)).toEqual(WRITES);
    expect(foreseeCheckout({ ...IDLE, looked: 'impossible', feelerPays: false }, false)).toEqual(WAITS);
  });
});

describe('after a hang-up', () => {
  test('one on a connection that would have been let go is avoided, whatever ended it', () => {
    const late = { ...WRITES, letGo: 'cutoff' } as const;
    expect(foreseeHangUp(POST, late, ended('fin', 'later'))).toEqual({ action: 'let-go', reason: 'cutoff' });
  });

  test('an end that was there to be seen is avoided, by a FIN as by a RST', () => {
    for (const facts of [GET, POST]) {
      expect(foreseeHangUp(facts, LOOKS, ended('fin', 'at once'))).toEqual({ action: 'read-queue' });
      for (const seen of [WHOLE, EMPTIED, UNREADABLE]) {
        const end = ended('fin', 'at once', seen);
        expect(foreseeHangUp(facts, LOOKS, end)).toEqual({ action: 'let-go', reason: 'closed' });
      }
      expect(foreseeHangUp(facts, LOOKS, ended('reset', 'at once'))).toEqual({ action: 'let-go', reason: 'reset' });
    }
  });

  test('an end after which the server had the request was not there before it', () => {
    const end = ended('fin', 'at once', RECEIVED);
    expect(foreseeHangUp(GET, LOOKS, end)).toMatchObject({ action: 'replay', reason: 'idempotent' });
    expect(foreseeHangUp(POST, LOOKS, end)).toEqual({ action: 'surface', reason: 'no-evidence' });
    expect(foreseeHangUp(POST, FEELS, end)).toEqual({ action: 'surface', reason: 'no-evidence' });
  });

  test('where the loop had told lately nobody would have looked', () => {
    expect(foreseeHangUp(GET, WRITES, ended('fin', 'at once'))).toMatchObject({ reason: 'idempotent' });
  });

  test('a FIN that crossed would have met the feeler, or the two turns that were waited for', () => {
    const unsent = { action: 'replay', reason: 'unsent', costs: false };
    expect(foreseeHangUp(POST, FEELS, ended('fin', 'later'))).toEqual({ action: 'read-queue' });
    for (const seen of [WHOLE, EMPTIED])
      expect(foreseeHangUp(POST, FEELS, ended('fin', 'later', seen))).toEqual(unsent);
    expect(foreseeHangUp(POST, WAITS, ended('fin', 'at once', UNREADABLE))).toEqual(unsent);
    for (const seen of [RECEIVED, UNREADABLE])
      expect(foreseeHangUp(POST, FEELS, ended('fin', 'later', seen))).toMatchObject({ reason: 'no-evidence' });
    expect(foreseeHangUp(POST, FEELS, ended('reset', 'later'))).toEqual({ action: 'read-queue' });
    expect(foreseeHangUp(POST, FEELS, ended('reset', 'later', UNREADABLE))).toMatchObject({ reason: 'no-evidence' });
  });

  test('a queue that is whole is taken for the evidence that the RST would complete; an emptied one is none', () => {
    expect(foreseeHangUp(POST, LOOKS, ended('fin', 'later'))).toEqual({ action: 'read-queue' });
    expect(foreseeHangUp(POST, LOOKS, ended('fin', 'later', WHOLE))).toMatchObject({ reason: 'undelivered' });
    expect(foreseeHangUp(POST, LOOKS, ended('fin', 'later', EMPTIED))).toMatchObject({ reason: 'no-evidence' });
    const lenient = { ...POST, leave: 'likely' } as const;
    expect(foreseeHangUp(lenient, LOOKS, ended('fin', 'later', EMPTIED))).toMatchObject({ reason: 'likely' });
  });

  test('the rest is the verdict that on would give', () => {
    expect(foreseeHangUp({ ...GET, reused: false }, WRITES, ended('fin', 'later'))).toMatchObject({
      reason: 'fresh-connection',
    });
    expect(foreseeHangUp({ ...POST, keyed: true }, LOOKS, ended('reset', 'later'))).toMatchObject({ reason: 'keyed' });
  });
});
