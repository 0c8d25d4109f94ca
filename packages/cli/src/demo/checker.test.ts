import { describe, expect, test } from 'vitest';
import { check } from './checker.js';
import type { Call, History } from './history.js';
import type { Entry } from './ledger.js';
import type { Kind } from './workload.js';

const call = (id: string, more: Partial<Call> = {}): Call => ({
  ...{ id, kind: 'POST', startedMs: 0, endedMs: 10, outcome: 'answered', retries: 0 },
  ...more,
});
const executed = (id: string, kind: Kind = 'POST', arm = 'one'): Entry => ({
  ...{ event: 'executed', arm, atMs: 1, id, kind },
});
const history = (...calls: Call[]): History => ({ calls, replays: [] });
const hungUp = { outcome: 'hung-up', failure: { code: 'ECONNRESET', message: 'socket hang up' } } as const;

describe('check', () => {
  test('counts what was answered and executed once as answered, and nothing else', () => {
    const findings = check('one', history(call('a'), call('b')), [executed('a'), executed('b')]);
    expect(findings).toMatchObject({ sent: 2, answered: 2, hungUp: 0, lost: 0, silent: 0, failed: 0 });
    expect(findings.executedTwice).toEqual({ GET: 0, POST: 0, 'keyed POST': 0 });
  });

  test('answered, but not in the ledger: lost', () => {
    expect(check('one', history(call('a')), []).lost).toBe(1);
  });

  test('more than once in the ledger: executed twice, each kind for itself', () => {
    const twice = [executed('a'), executed('a'), executed('b', 'GET'), executed('b', 'GET'), executed('b', 'GET')];
    const findings = check('one', history(call('a'), call('b', { kind: 'GET' })), twice);
    expect(findings.executedTwice).toEqual({ GET: 1, POST: 1, 'keyed POST': 0 });
  });

  test('a hang-up counts as executed only if the ledger holds it', () => {
    const findings = check('one', history(call('a', hungUp), call('b', hungUp)), [executed('a')]);
    expect(findings).toMatchObject({ hungUp: 2, hungUpExecuted: 1, hungUpNotExecuted: 1, hungUpUnexplained: 1 });
  });

  test('a hang-up that names its reason is not unexplained', () => {
    const failure = { ...hungUp.failure, reason: 'no-evidence' };
    const findings = check('one', history(call('a', { ...hungUp, failure })), []);
    expect(findings).toMatchObject({ hungUpNotExecuted: 1, hungUpUnexplained: 0 });
    expect(findings.surfacedBy).toEqual({ 'no-evidence': 1 });
  });

  test('other errors and silence are neither answers nor hang-ups', () => {
    const findings = check('one', history(call('a', { outcome: 'failed' }), call('b', { outcome: 'silent' })), []);
    expect(findings).toMatchObject({ sent: 2, answered: 0, hungUp: 0, failed: 1, silent: 1, lost: 0 });
  });

  test("another arm's entries do not count", () => {
    const findings = check('one', history(call('a')), [
      executed('a', 'POST', 'two'),
      { event: 'connected', arm: 'two', atMs: 0 },
      { event: 'connected', arm: 'one', atMs: 0 },
    ]);
    expect(findings).toMatchObject({ lost: 1, connects: 1 });
  });

  test('replays count by reason once they were answered; retries are their own count', () => {
    const replays = [
      { reason: 'keyed', ok: true, atMs: 5 },
      { reason: 'keyed', ok: true, atMs: 6 },
      { reason: 'undelivered', ok: false, atMs: 7 },
    ];
    const findings = check('one', { calls: [call('a', { retries: 1 })], replays }, [executed('a')]);
    expect(findings.replayedBy).toEqual({ keyed: 2 });
    expect(findings.retried).toBe(1);
  });

  test('latencies are those of answered requests', () => {
    const calls = Array.from({ length: 100 }, (_, index) => call(`${index}`, { endedMs: index + 1 }));
    const findings = check('one', history(...calls, call('slow', { ...hungUp, endedMs: 9_999 })), []);
    expect(findings.latencyMs).toEqual({ p50: 50, p99: 99 });
    expect(check('one', history(), []).latencyMs).toEqual({ p50: 0, p99: 0 });
  });
});
