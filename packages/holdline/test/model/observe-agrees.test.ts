import { describe, expect, it } from 'vitest';
import { differences } from './agreement.js';
import { type Profile, simulate } from './traffic.js';

const ROUNDS = process.env['HOLDLINE_TEST_FULL'] === '1' ? 5_000 : 300;
const TIMEOUT_MS = ROUNDS * 100;
const SEED = 20_261_122;
/** The share of the hang-ups that may be foretold wrongly. */
const WITHIN = 0.02;

const NEAR_MS = 2;
const FAR_MS = 20;
const PROFILES: Readonly<Record<string, Profile>> = {
  'a B that closes after 300 ms': { limitMs: 300, oneWayMs: NEAR_MS },
  'a B near by, to which feelers go': { limitMs: 1_000, oneWayMs: NEAR_MS },
  'a B far away': { limitMs: 1_000, oneWayMs: FAR_MS },
  'a B that says 5 s and closes after 6 s': { limitMs: 6_000, oneWayMs: NEAR_MS, keepAlive: 'timeout=5' },
  'a B that says nothing and closes after 5 s': { limitMs: 5_000, oneWayMs: NEAR_MS },
  'a B whose limit was stated': {
    limitMs: 2_000,
    oneWayMs: NEAR_MS,
    options: { origins: { 'http://b': { idleLimitMs: 2_000 } } },
  },
  'a B to which little may be sent again': {
    limitMs: 300,
    oneWayMs: NEAR_MS,
    options: { budget: { ratio: 0.02, perSecond: 0, burst: 3 } },
  },
};

describe('what observe foretells of hang-ups is what on does with the same faults, within 2 %', () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    it(`of ${name}`, { timeout: TIMEOUT_MS }, async () => {
      const observed = await simulate(profile, 'observe', SEED, ROUNDS);
      const on = await simulate(profile, 'on', SEED, ROUNDS);
      const { hangUps, surfaced, wouldReplay, wouldSurface } = observed.counts;
      expect(hangUps).toBeGreaterThan(ROUNDS / 2); // over all profiles more than a thousand
      expect(observed.failed).toBe(hangUps);
      expect(surfaced).toBe(hangUps);
      const wrong = differences(observed.verdicts, on.verdicts);
      expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(hangUps * WITHIN);
      expect(Math.abs(wouldReplay + wouldSurface - on.counts.hangUps)).toBeLessThanOrEqual(hangUps * WITHIN);
    });
  }

  it('except that it takes a B that lingers for one that answers a late request by a RST', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const profile: Profile = { limitMs: 300, oneWayMs: NEAR_MS, lingers: true };
    const observed = await simulate(profile, 'observe', SEED, ROUNDS);
    const on = await simulate(profile, 'on', SEED, ROUNDS);
    const wrong = differences(observed.verdicts, on.verdicts);
    expect(wrong.length).toBeGreaterThan(0);
    const kinds = new Set(wrong.map((each) => each.replace(/^.*?: /, '')));
    expect([...kinds]).toEqual(['foretold replay undelivered, done surface no-evidence']);
  });
});
