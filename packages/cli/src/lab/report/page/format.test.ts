import { describe, expect, it } from 'vitest';
import { binOf, edgeMs } from '../data/histogram.js';
import { count, duration, ms, ratio, shellLine } from './format.js';
import { linearTicks } from './strip.js';

describe('figures', () => {
  it('are counts with their thousands apart, and times with no more digits than matter', () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1\u202f000', '1\u202f234\u202f567']);
    expect([0.25, 1.26, 12.6, 3, -60, -0.2].map(ms)).toEqual(['0.25', '1.3', '13', '3', '−60', '−0.20']);
    expect([850, 12_500, 843_000].map(duration)).toEqual(['850 ms', '12.5 s', '14 min 3 s']);
    expect([ratio(41, 40), ratio(3, 0)]).toEqual(['1.02×', '–']);
  });

  it('stand on scales with round steps', () => {
    expect(linearTicks(0, 500)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(linearTicks(-60, 98, 8)).toEqual([-60, -40, -20, 0, 20, 40, 60, 80]);
    expect(linearTicks(0, 0)).toEqual([]);
  });

  it('fall into the bin that begins at them', () => {
    for (const value of [0.1, 1, 10, 100, 1000]) expect(edgeMs(binOf(value))).toBeCloseTo(value, 9);
    expect(binOf(0)).toBe(0);
    expect(binOf(1e12)).toBe(binOf(1e13));
  });
});

describe('a command line', () => {
  it('can be pasted into a shell', () => {
    expect(shellLine(['holdline', '--to', "it's $HOME", 'a=b'])).toBe(`holdline --to 'it'\\''s $HOME' a=b`);
  });
});
