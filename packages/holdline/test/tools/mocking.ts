import { describe, expect, test } from 'vitest';
import { type B, type Outcome, type Plan, type Request, runClient, serveB } from './run.js';

const MOCKED: readonly Request[] = [
  { caller: 'first caller', path: '/mocked' },
  { caller: 'second caller', path: '/mocked-error' },
  { caller: 'third caller', path: '/mocked-silence', timeoutMs: 60 },
];

const PASSED_THROUGH: readonly Request[] = [
  { caller: 'first caller', path: '/answer' },
  { caller: 'second caller', path: '/large' },
  { caller: 'third caller', path: '/dies' },
  { caller: 'fourth caller', method: 'POST', path: '/answer', body: 'charge 5' },
  { caller: 'fifth caller', path: '/silent', timeoutMs: 60 },
];

/**
 * The tools' stand-in for a socket looks for a private field of the socket beneath it, to know that it is connected.
 * A Line has no such field, so the stand-in listens once more for each part of an answer, until its request ends.
 */
const OWN_LISTENERS = /MaxListenersExceededWarning: .* connect listeners added to \[MockHttpSocket\]/;

/** What a mocking tool must do with requests that are given one of Holdline's agents. */
export function describeMocking(tool: string, mockedError: { readonly name: string; readonly message: string }): void {
  for (const scheme of ['http:', 'https:'] as const) {
    for (const order of ['tool first', 'holdline first'] as const) {
      describe(`${scheme.slice(0, -1)}, ${order}`, () => {
        test('mocked answers, errors and timeouts come, in the context of their caller, and nothing is connected', async () => {
          const { outcome, b } = await run({ tool, order, agent: 'holdline' }, scheme, MOCKED);
          expect(outcome.requests).toMatchObject([
            { status: 200, body: 'mocked' },
            { error: mockedError },
            { events: { timeout: { tenant: 'third caller' } }, error: { message: 'socket hang up' } },
          ]);
          expectOwnContexts(outcome, MOCKED);
          expect(outcome.counts).toMatchObject({ connects: 0 });
          expect(b.accepted).toEqual([]);
        });

        test("what is passed through is answered, fails and times out as on Node's agent, each on a connection of its own", async () => {
          const ours = await run({ tool, order, agent: 'holdline' }, scheme, PASSED_THROUGH);
          const nodes = await run({ tool, order, agent: 'plain' }, scheme, PASSED_THROUGH);
          expect(told(ours.outcome)).toEqual(told(nodes.outcome));
          expect(ours.outcome.requests.map(({ status, error }) => status ?? error?.code)).toEqual([
            200,
            200,
            'ECONNRESET',
            200,
            'ECONNRESET',
          ]);
          expect(ours.b.heard).toEqual(nodes.b.heard);
          expect(new Set(ours.b.heard.map(({ connection }) => connection)).size).toBe(PASSED_THROUGH.length);
          expectOwnContexts(ours.outcome, PASSED_THROUGH);
        });

        test('once the tool has stopped, connections are reused and a stale one is replaced', async () => {
          const then: readonly Request[] = [
            { caller: 'second caller', path: '/answer' },
            { caller: 'third caller', path: '/hang-up' },
          ];
          const steps = [MOCKED[0] as Request, { stopTool: true } as const, ...then];
          const { outcome } = await run({ tool, order, agent: 'holdline' }, scheme, steps);
          expect(outcome.requests.map(({ status, reused }) => [status, reused])).toEqual([
            [200, false],
            [200, false],
            [200, true],
          ]);
          expect(outcome.counts).toMatchObject({ replays: 1, surfaced: 0 });
          expectOwnContexts(outcome, [MOCKED[0] as Request, ...then]);
        });
      });
    }
  }
}

async function run(
  plan: Omit<Plan, 'url' | 'requests'>,
  scheme: 'http:' | 'https:',
  requests: Plan['requests'],
): Promise<{ outcome: Outcome; b: B }> {
  const b = await serveB(scheme);
  return { outcome: await runClient({ ...plan, url: b.origin, requests }), b };
}

function expectOwnContexts({ requests }: Outcome, asked: readonly Request[]): void {
  for (const [index, { events }] of requests.entries()) {
    for (const [event, { tenant }] of Object.entries(events)) expect(tenant, event).toBe(asked[index]?.caller);
  }
}

function told({ requests, warnings }: Outcome) {
  return {
    requests: requests.map(({ error, events, ...seen }) => ({
      ...seen,
      code: error?.code,
      events: Object.keys(events),
    })),
    warnings: warnings
      .split('\n')
      .filter((line) => !OWN_LISTENERS.test(line) && !line.includes('--trace-warnings'))
      .map((line) => line.replace(/^\(node:\d+\)/, '')),
  };
}
