import { describe, expect, test } from 'vitest';
import { keepsForMs } from '../../knowledge/client.js';
import { clientOf } from '../../knowledge/clients.js';
import { type AdviceFacts, clientVerdicts, cutoffMs, dangerWindow } from './advice.js';
import { expectedHangUps, worstShare } from './hang-ups.js';
import type { Limit } from './limit.js';

function closed(ms: number, halfMs = 0): Limit {
  return {
    kind: 'closed',
    ms,
    lowMs: ms - halfMs,
    highMs: ms + halfMs,
    samples: 8,
    by: 'fin',
    doubtMs: 0,
    together: false,
  };
}

function facts(limit: Limit, more: Partial<AdviceFacts> = {}): AdviceFacts {
  return { limit, rttMs: 2, lagMs: 1, ...more };
}

describe('the idle cutoff to be set', () => {
  test.each([
    ['a second below the limit', facts(closed(75_000)), 74_000],
    ['below what is advertised, where that is less', facts(closed(6_000), { advertisedMs: 5_000 }), 4_000],
    ['below what is real, where that is less', facts(closed(30_000), { advertisedMs: 60_000 }), 29_000],
    ['a fifth below a short limit', facts(closed(1_000)), 800],
    ['further below on a long way', facts(closed(5_000), { rttMs: 900 }), 3_100],
    ['further below a rough timer', facts(closed(3_000, 500)), 1_200],
    ['never less than half', facts(closed(100), { rttMs: 400 }), 50],
    [
      'below the last that was answered, if the rest is dropped',
      facts({ kind: 'silent', answeredMs: 40_000, unansweredMs: 60_000, way: 'dropped' }),
      39_000,
    ],
    ['below what was tried, if nothing closed', facts({ kind: 'beyond', moreThanMs: 130_000, used: true }), 129_000],
    ['none, if connections are not kept', facts({ kind: 'none' }), undefined],
  ])('is %s', (_, given, wanted) => {
    expect(cutoffMs(given)).toBe(wanted);
  });
});

test('the danger window begins a round trip before the limit, and ends when a client has noticed', () => {
  expect(dangerWindow(facts(closed(5_000), { rttMs: 40, lagMs: 3 }))).toEqual({ fromMs: 4_960, toMs: 5_003 });
});

describe('what clients do by their defaults', () => {
  test.each([
    ['node-agent', 5_000, Number.POSITIVE_INFINITY],
    ['node-global', undefined, 5_000],
    ['node-global', 3_000, 2_000],
    ['node-global', 60_000, 5_000],
    ['agentkeepalive', 3_000, 4_000],
    ['undici', undefined, 4_000],
    ['undici', 65_000, 63_000],
    ['undici', 2_000, 0],
    ['undici', 3_600_000, 600_000],
    ['apache-httpclient', 5_000, 5_000],
    ['dotnet', 5_000, 4_000],
    ['go', 5_000, 90_000],
  ])('%s keeps a connection to a server that advertises %s ms for %s ms', (id, hintMs, keepsMs) => {
    const client = clientOf(id);
    expect(client && keepsForMs(client, hintMs)).toBe(keepsMs);
  });

  test('against a server of 60 s Go meets the close, and the ALB ties, which is no better; undici lets go', () => {
    const verdicts = new Map(clientVerdicts(facts(closed(60_000))).map(({ id, verdict }) => [id, verdict]));
    expect(['go', 'alb', 'undici', 'node-agent'].map((id) => verdicts.get(id))).toEqual([
      'meets',
      'meets',
      'in-time',
      'meets',
    ]);
  });
});

describe('hang-ups to be expected', () => {
  // By Monte Carlo: 0.0378 %, 0.0147 % and 0.0012 % at most, for a window of 2 ms.
  test.each([
    [2_000, 3.7e-4],
    [5_000, 1.47e-4],
    [60_000, 1.2e-5],
  ])('at worst, for a limit of %i ms', (limitMs, share) => {
    expect(worstShare({ fromMs: limitMs - 2, toMs: limitMs })).toBeCloseTo(share, 5);
  });

  test('none, if the client lets go before the window', () => {
    const window = { fromMs: 4_990, toMs: 5_000 };
    const traffic = { perSecond: 20, connections: 100 };
    expect(expectedHangUps(window, traffic, 4_000).perDay).toBe(0);
    expect(expectedHangUps(window, traffic).perDay).toBeCloseTo(20 * 86_400 * (Math.exp(-0.998) - Math.exp(-1)), 5);
  });
});
