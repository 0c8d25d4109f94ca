import { expect, test } from 'vitest';
import { check, type RoundFacts } from './checker.js';
import { type Demands, judge, type Side } from './criteria.js';
import type { ConnectionRecord, HistoryRecord, LedgerEntry } from './records.js';
import type { Kind } from './roles.js';

// Histories that are forged: each kind of wrong has to be found, and a right history passes.

const facts: RoundFacts = { client: 'c', callersPerPool: 1, roundTripMs: 10, idleLimitMs: 1_000 };
const demands: Demands = { control: false, minCrossings: 3, mostCrossings: 3, reuseBound: 1.01 };

/** A history of a client, and the ledger that goes with it; each change to it is one forgery. */
class Forged {
  readonly history: HistoryRecord[] = [];
  readonly ledger: LedgerEntry[] = [];
  #atMs = 0;
  #ids = 0;

  /** A request, what became of it, and how often B executed it. */
  request(
    kind: Kind,
    outcome: 'answered' | 'silent' | { code: string; hangUp?: boolean; reason?: string } | { status: number },
    { executed = 1, effects = executed, answerId, port = 5_000, idleMs = 100 }: Partial<Forgery> = {},
  ): this {
    const id = `0-${this.#ids++}`;
    const named = { client: 'c', id };
    this.#atMs += idleMs;
    this.history.push({ type: 'sent', atMs: this.#atMs, ...named, kind, caller: 0 });
    this.#atMs += 10;
    const atMs = this.#atMs;
    for (let time = 0; time < executed; time++) {
      this.ledger.push({ event: 'executed', atMs, ...named, kind, effect: time < effects });
    }
    if (outcome === 'answered')
      this.history.push({ type: 'answered', atMs, ...named, status: 200, answerId: answerId ?? id, port });
    else if (outcome === 'silent') return this;
    else if ('status' in outcome) this.history.push({ type: 'answered', atMs, ...named, status: outcome.status, port });
    else this.history.push({ type: 'failed', atMs, ...named, message: 'gone', hangUp: true, port, ...outcome });
    return this;
  }

  link(what: ConnectionRecord['what'], atMs = this.#atMs, port = 5_000): this {
    this.history.push({ type: 'connection', atMs, client: 'c', connection: 0, port, from: 'A', what });
    return this;
  }

  replayed(reason: string): this {
    this.history.push({ type: 'replayed', atMs: this.#atMs, client: 'c', id: `0-${this.#ids}`, reason, ok: true });
    return this;
  }

  findings(changed: Partial<RoundFacts> = {}) {
    return check({ ...facts, ...changed }, this.history, this.ledger);
  }

  verdict(side: Side = 'holdline', changed: Partial<Demands> = {}) {
    return judge(this.findings(), { ...demands, ...changed }, side);
  }
}

interface Forgery {
  readonly executed: number;
  readonly effects: number;
  readonly answerId: string;
  readonly port: number;
  readonly idleMs: number;
}

/** One connection, three requests, and one crossing. */
const right = () =>
  new Forged()
    .link('open')
    .request('GET', 'answered')
    .request('POST', 'answered')
    .request('keyed POST', 'answered')
    .link('crossing');

test('a right history passes, and everything in it is counted', () => {
  expect(right().verdict()).toEqual({ verdict: 'pass', reasons: [], decides: true });
  expect(right().findings()).toMatchObject({
    sent: 3,
    answered: 3,
    hungUp: { GET: 0, POST: 0, 'keyed POST': 0 },
    failedBy: {},
    crossings: 1,
    connects: 1,
    oracleConnects: 1,
    reuse: { GET: { requests: 1, reused: 0 }, POST: { requests: 1, reused: 1, oracle: 1 } },
    latencyMs: { p50: 10, p99: 10, max: 10 },
  });
});

test('lost: answered, and B never executed it; that fails every cell, and puts the lab in doubt', () => {
  const forged = right().request('GET', 'answered', { executed: 0 });
  expect(forged.findings().lost).toBe(1);
  for (const side of ['holdline', 'bare', 'script'] as const)
    expect(forged.verdict(side)).toMatchObject({
      verdict: 'fail',
      decides: true,
      reasons: [expect.stringMatching(/ledger/)],
    });
});

test('mixed up: answered with the answer to another request', () => {
  const forged = right().request('GET', 'answered', { answerId: '0-0' });
  expect(forged.findings().mixedUp).toBe(1);
  expect(forged.verdict('bare')).toMatchObject({ verdict: 'fail', decides: false });
});

test('an answer that broke off and was handed over as a success is found, too', () => {
  expect(right().request('GET', 'answered', { answerId: '' }).verdict('bare').verdict).toBe('fail');
});

test('twice: told for a GET, wrong for a POST, and for a keyed one only if it had two effects', () => {
  const get = right().request('GET', 'answered', { executed: 2 });
  expect(get.findings().twice.GET).toBe(1);
  expect(get.verdict().verdict).toBe('pass');
  expect(right().request('POST', 'answered', { executed: 2 }).verdict('bare').verdict).toBe('fail');
  expect(right().request('keyed POST', 'answered', { executed: 2, effects: 1 }).verdict().verdict).toBe('pass');
  expect(right().request('keyed POST', 'answered', { executed: 2 }).verdict().verdict).toBe('fail');
});

test('a POST that surfaced and was executed twice is found, too', () => {
  const forged = right().request('POST', { code: 'ECONNRESET', reason: 'no-evidence' }, { executed: 2 });
  expect(forged.verdict()).toMatchObject({ verdict: 'fail', reasons: [expect.stringMatching(/executed twice/)] });
});

test('silent: neither an answer nor an error', () => {
  const forged = right().request('GET', 'silent');
  expect(forged.findings().silent).toBe(1);
  expect(forged.verdict('bare').verdict).toBe('fail');
});

test('a hang-up that surfaced is told by whether B had executed it', () => {
  const findings = right()
    .request('POST', { code: 'ECONNRESET', reason: 'no-evidence' }, { executed: 0 })
    .request('POST', { code: 'ECONNRESET', reason: 'no-evidence' })
    .findings();
  expect(findings).toMatchObject({ surfacedNotExecuted: 1, surfacedExecuted: 1, surfacedBy: { 'no-evidence': 2 } });
});

test('that a peer hangs up is what the lab shows; that Holdline does where it may send again is wrong', () => {
  const hungUp = (kind: Kind, reason?: string) =>
    right().request(kind, { code: 'ECONNRESET', ...(reason && { reason }) }, { executed: 0 });
  expect(hungUp('GET').verdict('bare')).toEqual({ verdict: 'pass', reasons: [], decides: false });
  expect(hungUp('GET', 'no-evidence').verdict()).toMatchObject({
    reasons: ['1 hung up though they may be sent again'],
  });
  expect(hungUp('keyed POST', 'no-evidence').verdict().verdict).toBe('fail');
  expect(hungUp('POST', 'no-evidence').verdict().verdict).toBe('pass');
  expect(hungUp('GET', 'fresh-connection').verdict().verdict).toBe('pass');
  expect(hungUp('GET', 'budget-empty').verdict().verdict).toBe('pass');
});

test('one kind rightly surfaced does not excuse another', () => {
  const forged = right()
    .request('POST', { code: 'ECONNRESET', reason: 'fresh-connection' }, { executed: 0 })
    .request('GET', { code: 'ECONNRESET', reason: 'no-evidence' }, { executed: 0 });
  expect(forged.verdict().verdict).toBe('fail');
});

test('a hang-up on Holdline that names no reason is wrong; a 408 that is handed on names itself', () => {
  expect(right().request('POST', { code: 'EPIPE' }, { executed: 0 }).verdict().reasons).toEqual([
    '1 hung up without a reason',
  ]);
  const told = right().request('POST', { status: 408 }, { executed: 0 });
  expect(told.findings()).toMatchObject({ hungUp: { POST: 1 }, surfacedBy: { 'answered-408': 1 }, lost: 0 });
  expect(told.verdict().verdict).toBe('pass');
  expect(right().request('GET', { status: 408 }, { executed: 0 }).verdict().verdict).toBe('fail');
  const onNew = right().request('GET', { status: 408 }, { executed: 0, port: 5_009 });
  expect(onNew.findings()).toMatchObject({ surfacedBy: { 'fresh-connection': 1 }, uncured: 0 });
});

test('an answer that is no success is an error by its status, and nothing is lost by it', () => {
  const findings = right().request('POST', { status: 413 }, { executed: 0 }).findings();
  expect(findings).toMatchObject({ failedBy: { 'HTTP 413': 1 }, lost: 0, answered: 3 });
  expect(right().request('GET', { code: 'timeout', hangUp: false }).findings().failedBy).toEqual({ timeout: 1 });
});

test('more connects than the oracle needs are wrong where the limit is known, and only there', () => {
  const forged = right().link('open', 50, 5_001);
  expect(forged.findings()).toMatchObject({ connects: 2, oracleConnects: 1 });
  expect(forged.verdict()).toMatchObject({
    verdict: 'fail',
    reasons: [expect.stringMatching(/^2 connects where 1 would do/)],
  });
  const { reuseBound: _none, ...unbound } = demands;
  expect(judge(forged.findings(), unbound, 'holdline').verdict).toBe('pass');
});

test('where no client met crossings nothing was shown; one that lets go in time need not meet any itself', () => {
  const forged = new Forged().link('open').request('GET', 'answered');
  const few = { mostCrossings: 2 };
  expect(forged.verdict('holdline', few)).toMatchObject({
    verdict: 'unknown',
    reasons: [expect.stringMatching(/more than 2 crossings/)],
  });
  expect(forged.verdict('bare', few).verdict).toBe('pass');
  expect(forged.verdict('holdline').verdict).toBe('pass');
});

test('where nothing goes wrong, whatever a client meets puts the lab in doubt', () => {
  const control = { control: true, minCrossings: 0 };
  for (const forged of [
    right().request('GET', { code: 'ECONNRESET' }, { executed: 0 }),
    right().request('GET', { code: 'ECONNREFUSED', hangUp: false }, { executed: 0 }),
    right().request('GET', 'answered', { executed: 2 }),
    new Forged(),
  ]) {
    const verdict = forged.verdict('bare', control);
    expect(verdict).toMatchObject({
      verdict: 'fail',
      decides: true,
      reasons: [expect.stringMatching(/in doubt|nothing was sent/)],
    });
  }
  expect(right().verdict('bare', control)).toEqual({ verdict: 'pass', reasons: [], decides: false });
});

test('what was sent again and answered is told by reason, with its latency', () => {
  const forged = right().replayed('idempotent').request('GET', 'answered', { port: 5_001 });
  expect(forged.findings()).toMatchObject({ replayedBy: { idempotent: 1 }, curedLatencyMs: { max: 10 } });
});

test('reuse is read from the ports, also where a port comes again', () => {
  const forged = new Forged().link('open').request('GET', 'answered').link('open', 150).request('GET', 'answered');
  expect(forged.findings().reuse.GET).toMatchObject({ requests: 2, reused: 0 });
});

test('hang-ups are told by how long the connection had been idle', () => {
  const findings = right().request('GET', { code: 'ECONNRESET' }, { idleMs: 990, executed: 0 }).findings();
  expect(findings.byIdleTime.at(-1)).toEqual({ fromMs: 975, toMs: 1_000, requests: 1, hungUp: 1 });
});

test('another client in the same round changes nothing', () => {
  const forged = right();
  const before = forged.findings();
  forged.history.push({ type: 'sent', atMs: 5, client: 'other', id: '0-0', kind: 'GET', caller: 0 });
  forged.ledger.push({ event: 'executed', atMs: 6, client: 'other', id: '0-0', kind: 'GET', effect: true });
  expect(forged.findings()).toEqual(before);
});
