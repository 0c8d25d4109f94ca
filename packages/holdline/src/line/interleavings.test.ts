import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../test/model/plan.js';
import { scenarioOf } from '../../test/model/scenario.js';
import { channels, type HangUpEvent } from '../events/channels.js';
import type { Reason } from '../policy/verdict.js';
import { walk } from '../testing/index.js';

/** A walk, and the reasons of verdicts that it must come by: else it has lost its way. */
interface Walk extends Plan {
  readonly comesBy: readonly Reason[];
}

const GET = { method: 'GET' } as const;
const POST = { method: 'POST' } as const;
const KEYED = { method: 'POST', keyed: true } as const;
const IN_TWO_WRITES = { method: 'POST', writes: 2 } as const;
/** Longer than the waits for evidence and behind a feeler; and shorter. */
const WAIT_MS = 18;
const HALF_WAIT_MS = 8;
/** So long that a feeler goes ahead. */
const LONG_IDLE_MS = 600;
const NO_BUDGET = { ratio: 0, perSecond: 0, burst: 0 };

/** CI lets time pass and the caller abort in every walk. */
const FULL = process.env['HOLDLINE_TEST_FULL'] === '1';
/** A walk that is larger than this has become too large to be run often. */
const MOST_RUNS = FULL ? 200_000 : 20_000;
const TIMEOUT_MS = FULL ? 600_000 : 20_000;

const WALKS: Readonly<Record<string, Walk>> = {
  'a POST': {
    requests: [POST],
    waitsMs: [WAIT_MS],
    comesBy: ['undelivered', 'no-evidence', 'fresh-connection', 'already-replayed', 'replay-connect-failed'],
  },
  'a POST that the caller may abort': {
    requests: [POST],
    waitsMs: [HALF_WAIT_MS],
    aborts: 1,
    ends: ['close'],
    comesBy: ['undelivered', 'no-evidence'],
  },
  'a GET whose answer comes in two parts, that the caller may abort': {
    requests: [GET],
    splitAfterBytes: 20,
    aborts: 1,
    comesBy: ['idempotent', 'fresh-connection', 'already-replayed', 'replay-connect-failed'],
  },
  'a POST with a feeler': {
    requests: [POST],
    idleMs: LONG_IDLE_MS,
    waitsMs: [WAIT_MS, WAIT_MS],
    ends: ['close'],
    comesBy: ['unsent', 'undelivered', 'no-evidence', 'fresh-connection', 'replay-connect-failed'],
  },
  'a POST with a feeler that the caller may abort': {
    requests: [POST],
    idleMs: LONG_IDLE_MS,
    waitsMs: [WAIT_MS],
    ends: ['close'],
    aborts: 1,
    comesBy: ['unsent', 'no-evidence'],
  },
  'a POST in two writes with a feeler to a server that resets': {
    requests: [IN_TWO_WRITES],
    idleMs: LONG_IDLE_MS,
    waitsMs: [WAIT_MS],
    ends: ['reset'],
    comesBy: ['unsent', 'no-evidence'],
  },
  'a POST with a feeler to a server that says 408': {
    requests: [POST],
    idleMs: LONG_IDLE_MS,
    waitsMs: [WAIT_MS],
    ends: ['408'],
    comesBy: ['no-evidence'],
  },
  'a POST with a feeler over a socket that a user made': {
    requests: [POST],
    idleMs: LONG_IDLE_MS,
    given: true,
    waitsMs: [WAIT_MS],
    ends: ['close', 'half-close'],
    comesBy: ['unsent', 'no-evidence'],
  },
  'a POST with a key': { requests: [KEYED], comesBy: ['keyed', 'already-replayed'] },
  'a POST in two writes to a server that acts on the head and closes': {
    requests: [IN_TWO_WRITES],
    actsOnHead: true,
    ends: ['close'],
    comesBy: ['undelivered', 'no-evidence'],
  },
  'a POST in two writes to a server that lingers': {
    requests: [IN_TWO_WRITES],
    ends: ['half-close'],
    comesBy: ['undelivered', 'no-evidence'],
  },
  'a POST in two writes to a server that resets, that the caller may abort': {
    requests: [IN_TWO_WRITES],
    ends: ['reset'],
    aborts: 1,
    comesBy: ['no-evidence'],
  },
  'a POST to a server that half-closes and executes all the same': {
    requests: [POST],
    ends: ['half-close'],
    late: true,
    comesBy: ['no-evidence'],
  },
  'a POST to a server that says 408': {
    requests: [POST],
    ends: ['408'],
    comesBy: ['undelivered', 'no-evidence'],
  },
  'a GET to a server that says 408': { requests: [GET], ends: ['408'], comesBy: ['idempotent'] },
  'a request written ahead': { requests: [POST], ahead: true, ends: ['close', 'reset'], comesBy: ['no-evidence'] },
  'a POST that times out, and is then destroyed': {
    requests: [POST],
    waitsMs: [WAIT_MS],
    timeoutMs: 12,
    ends: ['close'],
    comesBy: ['undelivered'],
  },
  'a POST that times out, and whose caller does not mind': {
    requests: [POST],
    waitsMs: [HALF_WAIT_MS, HALF_WAIT_MS],
    timeoutMs: 12,
    onTimeout: 'ignores',
    ends: ['close'],
    comesBy: ['aborted', 'undelivered'],
  },
  'a GET that times out, and whose caller does not mind': {
    requests: [GET],
    waitsMs: [HALF_WAIT_MS],
    timeoutMs: HALF_WAIT_MS,
    onTimeout: 'ignores',
    ends: ['close'],
    comesBy: ['aborted', 'idempotent'],
  },
  'a GET on a new connection': {
    requests: [GET],
    primed: false,
    ends: ['close', 'reset'],
    comesBy: ['fresh-connection'],
  },
  'a POST on a new connection to a server that says 408': {
    requests: [POST],
    primed: false,
    ends: ['408', 'close', 'reset'],
    comesBy: ['fresh-connection'],
  },
  'a POST on a new connection, over a socket that a user made': {
    requests: [POST],
    primed: false,
    given: true,
    ends: ['close', 'reset', 'half-close'],
    comesBy: ['fresh-connection'],
  },
  'a POST on a new connection, that the caller may abort': {
    requests: [POST],
    primed: false,
    aborts: 1,
    ends: ['close'],
    comesBy: ['fresh-connection'],
  },
  'a GET that only evidence may send again': {
    requests: [GET],
    ends: ['close'],
    options: { replay: 'evidence' },
    comesBy: ['undelivered', 'no-evidence'],
  },
  'a GET without a budget': {
    requests: [GET],
    ends: ['close'],
    options: { budget: NO_BUDGET },
    comesBy: ['undelivered', 'budget-empty'],
  },
  'a POST that likelihood may send again': {
    requests: [POST],
    ends: ['close'],
    options: { replay: 'likely' },
    comesBy: ['undelivered', 'likely'],
  },
  'a GET that may not be sent again': {
    requests: [GET],
    ends: ['close'],
    options: { replay: 'never' },
    comesBy: ['replay-off'],
  },
  'a GET in mode cutoff': { requests: [GET], options: { mode: 'cutoff' }, comesBy: ['replay-off'] },
  'a POST in mode observe': { requests: [POST], options: { mode: 'observe' }, comesBy: ['no-evidence'] },
};

/**
 * For every order of events: no request runs twice without leave or evidence, none is lost in silence, an answer goes to
 * its request, nothing is sent for a caller who does not want it any more, and nothing is left behind.
 */
describe('in every order in which a server ends a connection, segments arrive, and a client writes', () => {
  for (const [name, { comesBy, ...quick }] of Object.entries(WALKS)) {
    const plan: Plan = FULL ? { waitsMs: [WAIT_MS], ...quick, aborts: 1 } : quick;
    it(name, { timeout: TIMEOUT_MS }, async () => {
      const reasons = new Set<HangUpEvent['reason']>();
      const note = (event: unknown) => void reasons.add((event as HangUpEvent).reason);
      subscribe(channels.hangUp, note);
      try {
        expect(await walk(scenarioOf(plan), MOST_RUNS)).toBeGreaterThan(100);
      } finally {
        unsubscribe(channels.hangUp, note);
      }
      expect([...reasons]).toEqual(expect.arrayContaining([...comesBy]));
    });
  }
});
