import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HoldlineOptions, originName, settle } from './options.js';

const LONGEST_MS = 2 ** 31 - 1;
const ORIGIN = 'http://b:3000';

/** Options as somebody writes them who has no types, or is mistaken. */
function settled(options: Record<string, unknown>, environment: { HOLDLINE?: string } = {}) {
  return settle(options as HoldlineOptions, environment);
}

function complaint(options: Record<string, unknown>, environment: { HOLDLINE?: string } = {}): string {
  try {
    settled(options, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  return 'none';
}

describe('with nothing set', () => {
  test('the defaults are those that the documentation names', () => {
    expect(settled({})).toEqual({
      mode: 'on',
      forcedMode: undefined,
      maxIdleMs: 90_000,
      marginMs: 'auto',
      unknownIdleLimitMs: 4_000,
      replay: 'safe',
      replayBufferBytes: 65_536,
      replayConnectTimeoutMs: 10_000,
      budget: { ratio: 0.2, perSecond: 10, burst: 100 },
      origins: new Map([['https://api.stripe.com', { idempotencyKeys: true }]]),
    });
  });

  test('an option that is undefined is not set', () => {
    const unset = Object.fromEntries(Object.keys(settled({})).map((name) => [name, undefined]));
    expect(settled(unset)).toEqual(settled({}));
    const partly = settled({ budget: { ratio: 0.5, burst: undefined } });
    expect(partly.budget).toEqual({ ratio: 0.5, perSecond: 10, burst: 100 });
  });
});

describe('what is allowed is taken as it is', () => {
  const allowed: readonly Record<string, unknown>[] = [
    ...['on', 'cutoff', 'observe', 'off'].map((mode) => ({ mode })),
    ...['safe', 'evidence', 'likely', 'never'].map((replay) => ({ replay })),
    ...[0, 0.5, LONGEST_MS].flatMap((ms) => [
      { maxIdleMs: ms },
      { marginMs: ms },
      { unknownIdleLimitMs: ms },
      { replayConnectTimeoutMs: ms },
    ]),
    { marginMs: 'auto' },
    ...[0, 1, 67_108_864].map((replayBufferBytes) => ({ replayBufferBytes })),
    { budget: { ratio: 0, perSecond: 0, burst: 0 } },
    { budget: { ratio: Infinity, perSecond: Infinity, burst: Infinity } },
  ];
  for (const options of allowed) {
    test(`such as ${JSON.stringify(options)}`, () => expect(settled(options)).toMatchObject(options));
  }
});

describe('a mistake is told with the name of the option, its value, and what is allowed', () => {
  const ms = `ms from 0 to ${LONGEST_MS}`;
  const words = "'on', 'cutoff', 'observe', 'off'";
  const leaves = "'safe', 'evidence', 'likely', 'never'";
  const keys = "keys such as 'https://api.example.com', 'http://10.0.0.1:3000' or 'unix:/run/b.sock'";
  const mistakes: readonly [Record<string, unknown>, string][] = [
    [{ mode: 'On' }, `mode is 'On'; expected ${words}.`],
    [{ mode: true }, `mode is true; expected ${words}.`],
    [{ mode: null }, `mode is null; expected ${words}.`],
    [{ maxIdleMs: -1 }, `maxIdleMs is -1; expected ${ms}.`],
    [{ maxIdleMs: '90s' }, `maxIdleMs is '90s'; expected ${ms}.`],
    [{ maxIdleMs: Infinity }, `maxIdleMs is Infinity; expected ${ms}.`],
    [{ maxIdleMs: LONGEST_MS + 1 }, `maxIdleMs is 2147483648; expected ${ms}.`],
    [{ marginMs: 'Auto' }, `marginMs is 'Auto'; expected 'auto', or ${ms}.`],
    [{ marginMs: Number.NaN }, `marginMs is NaN; expected 'auto', or ${ms}.`],
    [{ unknownIdleLimitMs: 4000n }, `unknownIdleLimitMs is 4000n; expected ${ms}.`],
    [{ replay: 'always' }, `replay is 'always'; expected ${leaves}.`],
    [{ replayBufferBytes: 1.5 }, 'replayBufferBytes is 1.5; expected bytes from 0 to 67108864.'],
    [{ replayBufferBytes: 67_108_865 }, 'replayBufferBytes is 67108865; expected bytes from 0 to 67108864.'],
    [{ replayConnectTimeoutMs: [10] }, `replayConnectTimeoutMs is [ 10 ]; expected ${ms}.`],
    [{ budget: 5 }, 'budget is 5; expected an object.'],
    [{ budget: null }, 'budget is null; expected an object.'],
    [{ budget: { ratio: -0.1 } }, 'budget.ratio is -0.1; expected a number from 0, or Infinity.'],
    [{ budget: { perSecond: '10' } }, "budget.perSecond is '10'; expected a number from 0, or Infinity."],
    [{ budget: { burst: Number.NaN } }, 'budget.burst is NaN; expected a number from 0, or Infinity.'],
    [{ origins: 'http://b' }, "origins is 'http://b'; expected an object."],
    [{ origins: null }, 'origins is null; expected an object.'],
    [{ origins: { 'b:3000': {} } }, `origins is 'b:3000'; expected ${keys}.`],
    [{ origins: { [`${ORIGIN}/path`]: {} } }, `origins is '${ORIGIN}/path'; expected ${keys}.`],
    [{ origins: { [ORIGIN]: 5_000 } }, `origins['${ORIGIN}'] is 5000; expected an object.`],
    [{ origins: { [ORIGIN]: { idleLimitMs: -1 } } }, `origins['${ORIGIN}'].idleLimitMs is -1; expected ${ms}.`],
    [{ origins: { [ORIGIN]: { replay: 'yes' } } }, `origins['${ORIGIN}'].replay is 'yes'; expected ${leaves}.`],
    [{ origins: { [ORIGIN]: { mode: 'no' } } }, `origins['${ORIGIN}'].mode is 'no'; expected ${words}.`],
    [
      { origins: { [ORIGIN]: { idempotencyKeys: 'yes' } } },
      `origins['${ORIGIN}'].idempotencyKeys is 'yes'; expected true or false.`,
    ],
  ];
  for (const [options, expected] of mistakes) {
    test(`such as: ${expected}`, () => expect(complaint(options)).toBe(`Holdline: ${expected}`));
  }

  test('whatever the value is, even one that cannot be made JSON', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const values = [circular, { big: 1n }, Symbol('s'), () => 5, Object.create(null), new Map()];
    for (const value of values)
      expect(complaint({ maxIdleMs: value })).toMatch(/^Holdline: maxIdleMs is .*; expected/s);

    const numbers = ['maxIdleMs', 'marginMs', 'unknownIdleLimitMs', 'replayBufferBytes', 'replayConnectTimeoutMs'];
    const others = ['mode', 'replay', 'budget', 'origins'];
    fc.assert(
      fc.property(fc.constantFrom(...numbers, ...others), fc.anything({ withBigInt: true }), (name, value) => {
        expect(complaint({ [name]: value })).toMatch(new RegExp(`^(none$|Holdline: ${name}\\b)`));
      }),
    );
  });
});

describe('HOLDLINE in the environment', () => {
  test('stands above the mode that the program sets', () => {
    expect(settled({ mode: 'on' }, { HOLDLINE: 'off' })).toMatchObject({ mode: 'on', forcedMode: 'off' });
  });

  test('says nothing where it is empty or not there', () => {
    expect(settled({}, { HOLDLINE: '' }).forcedMode).toBeUndefined();
    expect(settled({}, {}).forcedMode).toBeUndefined();
  });

  test('that is misspelt is told, for somebody believes to have switched something off', () => {
    expect(complaint({}, { HOLDLINE: 'OFF' })).toBe(
      "Holdline: HOLDLINE (environment) is 'OFF'; expected 'on', 'cutoff', 'observe', 'off'.",
    );
  });
});

describe('what is known of single origins', () => {
  test('Stripe honours idempotency keys, and the user may think otherwise', () => {
    expect(settled({}).origins.get('https://api.stripe.com')).toEqual({ idempotencyKeys: true });
    const own = { 'https://api.stripe.com': { idleLimitMs: 30_000 } };
    expect(settled({ origins: own }).origins.get('https://api.stripe.com')).toEqual({
      idempotencyKeys: true,
      idleLimitMs: 30_000,
    });
    const wary = { 'https://api.stripe.com:443': { idempotencyKeys: false } };
    expect(settled({ origins: wary }).origins.get('https://api.stripe.com')).toEqual({ idempotencyKeys: false });
  });

  test('one origin written in two ways is one', () => {
    const two = { 'https://B.example': { idleLimitMs: 5_000 }, 'https://b.example:443/': { replay: 'never' } };
    expect(settled({ origins: two }).origins.get('https://b.example')).toEqual({ idleLimitMs: 5_000, replay: 'never' });
  });

  test('the options of one user do not become those of another', () => {
    settled({ origins: { 'https://api.stripe.com': { idempotencyKeys: false } } });
    expect(settled({}).origins.get('https://api.stripe.com')).toEqual({ idempotencyKeys: true });
  });
});

describe('the name of an origin', () => {
  const names: Readonly<Record<string, string>> = {
    'http://b': 'http://b',
    'HTTP://B.Example:80/': 'http://b.example',
    'https://b:443': 'https://b',
    'https://b:80': 'https://b:80',
    'http://10.0.0.1:3000': 'http://10.0.0.1:3000',
    'http://[::1]:3000': 'http://[::1]:3000',
    'http://[0:0:0:0:0:0:0:1]:80': 'http://[::1]',
    'http://bücher.example': 'http://xn--bcher-kva.example',
    'unix:/run/b.sock': 'unix:/run/b.sock',
  };
  for (const [origin, name] of Object.entries(names)) {
    test(`of ${origin} is ${name}`, () => {
      expect(originName(origin)).toBe(name);
      expect(originName(name)).toBe(name);
    });
  }

  test('is not given to what is more, or less, than an origin', () => {
    const others = ['', 'b', 'b:3000', '//b', 'http://', 'http://b/path', 'http://b?q', 'http://b#h', 'http://u@b'];
    for (const other of [...others, 'http://:secret@b', 'ftp://b', 'ws://b', 'unix:', 'http://b:99999', 'http://b c']) {
      expect(() => originName(other), other).toThrow(TypeError);
    }
  });
});
