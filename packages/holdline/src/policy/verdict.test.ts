import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GET, POST } from '../../test/hang-up-facts.js';
import type { Evidence } from './evidence.js';
import { decideHangUp, type HangUpFacts, isIdempotent, type ReplayLeave, type Verdict } from './verdict.js';

const both = [false, true];
const leaves: readonly ReplayLeave[] = ['safe', 'evidence', 'likely', 'never'];
const evidences: readonly Evidence[] = ['unsent', 'undelivered', 'likely', 'none', 'unsought'];

const surfaces = (reason: string) => ({ action: 'surface', reason });
const replays = (reason: string, costs: boolean) => ({ action: 'replay', reason, costs });

describe('a request whose connection hung up', () => {
  test('aborted: is not sent again once its user wants it no more, even if it never left', () => {
    expect(decideHangUp({ ...GET, aborted: true, unsent: true, evidence: 'unsent' })).toEqual(surfaces('aborted'));
  });

  test('response-started: is not sent again once a byte of its response came', () => {
    expect(decideHangUp({ ...GET, responseStarted: true })).toEqual(surfaces('response-started'));
  });

  test('unsent: goes on a new connection where nothing of it had left, also a POST, also where replay is off', () => {
    const unsent = { ...POST, unsent: true, evidence: 'unsent' } as const;
    expect(decideHangUp(unsent)).toEqual(replays('unsent', false));
    const strict = { ...unsent, leave: 'never', modeReplays: false, budgetLeft: false } as const;
    expect(decideHangUp(strict)).toEqual(replays('unsent', false));
  });

  test('fresh-connection: surfaces, for its idle time was not the cause', () => {
    expect(decideHangUp({ ...GET, reused: false })).toEqual(surfaces('fresh-connection'));
  });

  test('already-replayed: surfaces the second time, whatever it is', () => {
    const second = { ...GET, replayed: true, evidence: 'undelivered' } as const;
    expect(decideHangUp(second)).toEqual(surfaces('already-replayed'));
  });

  test('not-recorded: surfaces where not all of it is at hand', () => {
    expect(decideHangUp({ ...GET, recorded: false })).toEqual(surfaces('not-recorded'));
  });

  test('replay-off: surfaces where the mode or the user forbids it', () => {
    expect(decideHangUp({ ...GET, modeReplays: false })).toEqual(surfaces('replay-off'));
    expect(decideHangUp({ ...GET, leave: 'never' })).toEqual(surfaces('replay-off'));
  });

  test('idempotent: is sent again at once, without a look for evidence, and is paid for', () => {
    expect(decideHangUp(GET)).toEqual(replays('idempotent', true));
  });

  test('keyed: is sent again at once where its origin honours keys, and is paid for', () => {
    expect(decideHangUp({ ...POST, keyed: true })).toEqual(replays('keyed', true));
  });

  test('a plain POST asks for evidence before it is decided', () => {
    expect(decideHangUp(POST)).toEqual({ action: 'seek-evidence' });
  });

  test('undelivered: is sent again where the server certainly never got it, also with an empty budget', () => {
    const undelivered = { ...POST, evidence: 'undelivered', budgetLeft: false } as const;
    expect(decideHangUp(undelivered)).toEqual(replays('undelivered', false));
  });

  test('likely: is sent again on weaker evidence only where the user lets it count, and is paid for', () => {
    const likely = { ...POST, evidence: 'likely' } as const;
    expect(decideHangUp({ ...likely, leave: 'likely' })).toEqual(replays('likely', true));
    expect(decideHangUp(likely)).toEqual(surfaces('no-evidence'));
    expect(decideHangUp({ ...likely, leave: 'likely', budgetLeft: false })).toEqual(surfaces('no-evidence'));
  });

  test('budget-empty: a GET with an empty budget still looks for evidence, and surfaces only without it', () => {
    const broke = { ...GET, budgetLeft: false };
    expect(decideHangUp(broke)).toEqual({ action: 'seek-evidence' });
    expect(decideHangUp({ ...broke, evidence: 'undelivered' })).toEqual(replays('undelivered', false));
    expect(decideHangUp({ ...broke, evidence: 'none' })).toEqual(surfaces('budget-empty'));
  });

  test('no-evidence: surfaces where the server may have it', () => {
    expect(decideHangUp({ ...POST, evidence: 'none' })).toEqual(surfaces('no-evidence'));
  });

  test('with replay: evidence, even a GET or a keyed POST goes again only on evidence', () => {
    for (const harmless of [GET, { ...POST, keyed: true }]) {
      const strict = { ...harmless, leave: 'evidence' } as const;
      expect(decideHangUp(strict)).toEqual({ action: 'seek-evidence' });
      expect(decideHangUp({ ...strict, evidence: 'undelivered' })).toEqual(replays('undelivered', false));
      expect(decideHangUp({ ...strict, evidence: 'likely' })).toEqual(surfaces('no-evidence'));
    }
  });
});

/** Every combination of all that the verdict depends on: nine booleans, four leaves, five kinds of evidence. */
function* everyCase(): Generator<HangUpFacts> {
  for (const aborted of both)
    for (const responseStarted of both)
      for (const unsent of both)
        for (const reused of both)
          for (const replayed of both)
            for (const recorded of both)
              for (const modeReplays of both)
                for (const idempotent of both)
                  for (const keyed of both)
                    for (const budgetLeft of both)
                      for (const leave of leaves)
                        for (const evidence of evidences)
                          yield {
                            aborted,
                            responseStarted,
                            unsent,
                            reused,
                            replayed,
                            recorded,
                            modeReplays,
                            leave,
                            idempotent,
                            keyed,
                            budgetLeft,
                            evidence,
                          };
}

/** The cases in which a promise is broken; `holds` gets each case with its verdict. */
function broken(holds: (facts: HangUpFacts, verdict: Verdict) => boolean): string[] {
  const found: string[] = [];
  for (const facts of everyCase()) {
    const verdict = decideHangUp(facts);
    if (!holds(facts, verdict)) found.push(JSON.stringify({ facts, verdict }));
  }
  return found.slice(0, 3);
}

const replay = (verdict: Verdict) => verdict.action === 'replay';
const harmless = (facts: HangUpFacts) => facts.idempotent || facts.keyed;

describe('in the whole space of facts', () => {
  test('all of it is walked', () => {
    expect([...everyCase()]).toHaveLength(2 ** 10 * 4 * 5);
  });

  test('what the user gave up is never sent again', () => {
    expect(broken((facts, verdict) => !facts.aborted || !replay(verdict))).toEqual([]);
  });

  test('what is being answered is never sent again', () => {
    expect(broken((facts, verdict) => !facts.responseStarted || !replay(verdict))).toEqual([]);
  });

  test('nothing that was sent is sent a third time', () => {
    expect(broken((facts, verdict) => !(facts.replayed && !facts.unsent) || !replay(verdict))).toEqual([]);
  });

  test('what is not wholly at hand is never sent again, except if nothing of it was sent', () => {
    expect(broken((facts, verdict) => facts.recorded || facts.unsent || !replay(verdict))).toEqual([]);
  });

  test('a new connection that ends is no stale reuse', () => {
    expect(broken((facts, verdict) => facts.reused || facts.unsent || !replay(verdict))).toEqual([]);
  });

  test('a request that must not run twice goes again only if it was unsent or undelivered, or likely so and the user lets that count', () => {
    const allowed = (facts: HangUpFacts) =>
      harmless(facts) ||
      facts.unsent ||
      facts.evidence === 'undelivered' ||
      (facts.evidence === 'likely' && facts.leave === 'likely');
    expect(broken((facts, verdict) => !replay(verdict) || allowed(facts))).toEqual([]);
  });

  test('where the user forbids it, or the mode does, only what never left goes on', () => {
    const forbidden = (facts: HangUpFacts) => facts.leave === 'never' || !facts.modeReplays;
    expect(broken((facts, verdict) => !forbidden(facts) || facts.unsent || !replay(verdict))).toEqual([]);
  });

  test('with replay: evidence, what was sent goes again only if it was undelivered', () => {
    expect(
      broken(
        (facts, verdict) =>
          facts.leave !== 'evidence' || !replay(verdict) || facts.unsent || facts.evidence === 'undelivered',
      ),
    ).toEqual([]);
  });

  test('a replay costs exactly where the server might run the request twice, and then the budget has a token', () => {
    const free = (reason: string) => reason === 'unsent' || reason === 'undelivered';
    expect(
      broken((facts, verdict) => {
        if (verdict.action !== 'replay') return true;
        return verdict.costs === !free(verdict.reason) && (!verdict.costs || facts.budgetLeft);
      }),
    ).toEqual([]);
  });

  test('a look for evidence is asked for once, and only where it could change the verdict', () => {
    expect(
      broken((facts, verdict) => {
        if (verdict.action !== 'seek-evidence') return true;
        const found = decideHangUp({ ...facts, evidence: 'undelivered' });
        return facts.evidence === 'unsought' && replay(found);
      }),
    ).toEqual([]);
  });

  test('more evidence never makes a replay into a failure', () => {
    const order: readonly Evidence[] = ['none', 'likely', 'undelivered'];
    expect(
      broken((facts, verdict) => {
        const at = order.indexOf(facts.evidence);
        if (at < 0 || !replay(verdict)) return true;
        return order.slice(at).every((evidence) => replay(decideHangUp({ ...facts, evidence })));
      }),
    ).toEqual([]);
  });

  test('a replay and a failure each tell a reason that is true', () => {
    const truth: Readonly<Record<string, (facts: HangUpFacts) => boolean>> = {
      aborted: (facts) => facts.aborted,
      'response-started': (facts) => facts.responseStarted,
      unsent: (facts) => facts.unsent,
      'fresh-connection': (facts) => !facts.reused,
      'already-replayed': (facts) => facts.replayed,
      'not-recorded': (facts) => !facts.recorded,
      'replay-off': (facts) => facts.leave === 'never' || !facts.modeReplays,
      idempotent: (facts) => facts.idempotent,
      keyed: (facts) => facts.keyed && !facts.idempotent,
      undelivered: (facts) => facts.evidence === 'undelivered',
      likely: (facts) => facts.evidence === 'likely',
      'budget-empty': (facts) => harmless(facts) && !facts.budgetLeft,
      'no-evidence': (facts) => facts.evidence !== 'undelivered',
    };
    expect(
      broken((facts, verdict) => verdict.action === 'seek-evidence' || (truth[verdict.reason]?.(facts) ?? false)),
    ).toEqual([]);
  });

  test('the reasons come in the order of the design: whatever stands above decides alone', () => {
    const order: readonly [string, Partial<HangUpFacts>][] = [
      ['aborted', { aborted: true }],
      ['response-started', { responseStarted: true }],
      ['unsent', { unsent: true }],
      ['fresh-connection', { reused: false }],
      ['already-replayed', { replayed: true }],
      ['not-recorded', { recorded: false }],
      ['replay-off', { modeReplays: false }],
      ['idempotent', { idempotent: true, budgetLeft: true, leave: 'safe' }],
      ['keyed', { keyed: true, budgetLeft: true, leave: 'safe' }],
      ['undelivered', { evidence: 'undelivered' }],
    ];
    const above: Partial<HangUpFacts> = {};
    for (const [reason, facts] of order) {
      const wrong: HangUpFacts[] = [];
      for (const base of everyCase()) {
        const verdict = decideHangUp({ ...base, leave: 'safe', ...above, ...facts });
        if (verdict.action === 'seek-evidence' || verdict.reason !== reason) wrong.push(base);
      }
      expect(wrong.slice(0, 1), reason).toEqual([]);
      Object.assign(above, opposite(facts));
    }
  });
});

/** The same facts, the other way round: this row of the order does not apply. */
function opposite(facts: Partial<HangUpFacts>): Partial<HangUpFacts> {
  const { leave: _leave, budgetLeft: _budgetLeft, ...booleans } = facts;
  return Object.fromEntries(Object.entries(booleans).map(([name, value]) => [name, !value]));
}

describe('a method is idempotent', () => {
  test('if RFC 9110 says so', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']) {
      expect(isIdempotent(method), method).toBe(true);
    }
  });

  test('and in no other case: unknown methods, CONNECT, other cases', () => {
    for (const method of ['POST', 'PATCH', 'CONNECT', 'get', 'Put', '', 'PROPFIND', 'LOCK', 'GET ', 'constructor']) {
      expect(isIdempotent(method), method).toBe(false);
    }
  });
});

test('the table of reasons that users read names each reason, and no other', () => {
  const source = readFileSync(new URL('verdict.ts', import.meta.url), 'utf8');
  const union = /export type Reason =([^;]+);/.exec(source)?.[1] ?? '';
  const reasons = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
  const table = [...source.matchAll(/^ \* \| `([a-z-]+)` \| (\S.*) \|$/gm)].map((match) => match[1]);
  expect(reasons.length).toBeGreaterThan(10);
  expect(table).toEqual(reasons);
});
