import { describe, expect, test } from 'vitest';
import { type B, type Outcome, type Plan, type Request, runClient, type Seen, serveB } from './run.js';

/** The first caller opens the connection, the second one reuses it. */
const FIRST: Request = { caller: 'first caller', path: '/answer' };

const SECOND = {
  response: { caller: 'second caller', path: '/answer' },
  error: { caller: 'second caller', method: 'POST', path: '/hang-up', body: 'charge 5' },
  timeout: { caller: 'second caller', path: '/silent', timeoutMs: 60 },
  replay: { caller: 'second caller', path: '/hang-up' },
} satisfies Record<string, Request>;

/** What a tracing tool must tell of requests through Holdline's agents: just what it tells of Node's. */
export function describeTracing(tool: string): void {
  const runs = new Map<string, Promise<Run>>();
  /** Each process runs once, also where two tests look at it. */
  const run = (plan: Pick<Plan, 'order' | 'agent'>, scheme: Scheme, what: keyof typeof SECOND): Promise<Run> => {
    const key = JSON.stringify([plan, scheme, what]);
    const known = runs.get(key) ?? runOnce({ tool, ...plan }, scheme, SECOND[what]);
    runs.set(key, known);
    return known;
  };

  for (const scheme of ['http:', 'https:'] as const) {
    for (const order of ['tool first', 'holdline first'] as const) {
      describe(`${scheme.slice(0, -1)}, ${order}`, () => {
        for (const what of ['response', 'error', 'timeout'] as const) {
          test(`${what}: in the context of its own caller, and the spans are those of Node's agent`, async () => {
            const ours = await run({ order, agent: 'holdline' }, scheme, what);
            expectRight(ours, what);
            const nodes = await run({ order: 'tool first', agent: 'plain' }, scheme, what);
            expect(told(ours.outcome)).toEqual(told(nodes.outcome));
          });
        }

        test('replay: one span, ended once, of the caller whose request was sent again, as if it was answered at once', async () => {
          const replayed = await run({ order, agent: 'holdline' }, scheme, 'replay');
          expect(replayed.outcome.counts).toMatchObject({ requests: 2, connects: 2, replays: 1, surfaced: 0 });
          expect(replayed.b.heard.map(({ name }) => name)).toEqual(['GET /answer', 'GET /hang-up', 'GET /hang-up']);
          expectRight(replayed, 'replay');
          const answered = await run({ order: 'tool first', agent: 'plain' }, scheme, 'response');
          expect(told(replayed.outcome)).toEqual(told(answered.outcome));
        });
      });
    }
  }
}

type Scheme = 'http:' | 'https:';

interface Run {
  readonly outcome: Outcome;
  readonly b: B;
}

async function runOnce(plan: Omit<Plan, 'url' | 'requests'>, scheme: Scheme, second: Request): Promise<Run> {
  const b = await serveB(scheme);
  return { outcome: await runClient({ ...plan, url: b.origin, requests: [FIRST, second] }), b };
}

/** What must be the same with any agent. Not the contexts: over TLS, Node's own tells the first caller's twice. */
function told({ requests, spans, complaints }: Outcome) {
  return {
    requests: requests.map(({ status, body, error, reused }) => ({ status, body, reused, code: error?.code })),
    // a request for another path is not another kind of request
    spans: spans.map(({ id: _id, name, ...span }) => ({ ...span, method: name.split(' ')[0] })),
    complaints,
  };
}

const EVENTS = {
  response: ['response', 'data', 'end', 'close'],
  replay: ['replay', 'response', 'data', 'end', 'close'],
  error: ['error', 'close'],
  timeout: ['timeout', 'error', 'close'],
};

function expectRight({ outcome, b }: Run, what: keyof typeof SECOND): void {
  const second = outcome.requests[1] as Seen;
  expect(second.reused).toBe(true);
  expect(Object.keys(second.events)).toEqual(EVENTS[what]);
  for (const whose of Object.values(second.events))
    expect(whose).toEqual({ tenant: 'second caller', trace: 'second caller' });
  if (what === 'error') expect(second.error).toMatchObject({ name: 'HangUpError', reason: 'no-evidence' });

  expect(outcome.complaints).toEqual([]);
  const { method = 'GET', path } = SECOND[what] as Request;
  expect(outcome.spans).toMatchObject([
    { name: 'GET /answer', parent: 'first caller', status: 200, ended: true },
    { name: `${method} ${path}`, parent: 'second caller', ended: true },
  ]);
  expect(outcome.spans[1]?.status).toBe(second.status);
  // each time that the second request reaches B, it names its span
  const [ofFirst, ...ofSecond] = b.heard.map(({ span }) => span);
  expect(ofFirst).toBe(outcome.spans[0]?.id);
  expect(new Set(ofSecond)).toEqual(new Set([outcome.spans[1]?.id]));
}
