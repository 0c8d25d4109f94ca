import { describe, expect, test } from 'vitest';
import { feelerPays, feelerWaitMs } from './feeler.js';

const near = { mayReplay: true, roundTripMs: 1, hasEvidence: true };

describe('a feeler goes ahead of a request', () => {
  test('where the next hop is so near that evidence would come too late', () => {
    expect(feelerPays(near)).toBe(true);
    expect(feelerPays({ ...near, roundTripMs: 20 })).toBe(true);
    expect(feelerPays({ ...near, roundTripMs: 21 })).toBe(false);
  });

  test('where there is no evidence at all, as long as it does not take for ever', () => {
    expect(feelerPays({ ...near, hasEvidence: false, roundTripMs: 200 })).toBe(true);
    expect(feelerPays({ ...near, hasEvidence: false, roundTripMs: 201 })).toBe(false);
  });

  test('not where nothing may be sent again: then it would tell nothing that could be used', () => {
    expect(feelerPays({ ...near, mayReplay: false })).toBe(false);
  });
});

test('a feeler is given more than a round trip: the FIN that it crosses comes within one', () => {
  for (const roundTripMs of [0, 0.1, 1, 10, 200]) expect(feelerWaitMs(roundTripMs)).toBeGreaterThan(roundTripMs);
});
