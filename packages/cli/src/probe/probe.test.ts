import { describe, expect, test } from 'vitest';
import { type Habits, response, run } from '../../test/probe/virtual-world.js';
import { judge } from './judge/judge.js';
import type { Report } from './judge/report.js';
import type { ProbeOptions } from './options.js';
import { probe } from './probe.js';
import type { Dial } from './wire.js';

const URL_OF_B = 'http://b.example/';

/** Probes one virtual server, and judges what came. */
async function judged(
  habits: Habits | ((connection: number, address: string) => Habits),
  options: ProbeOptions & { readonly addresses?: readonly string[] } = {},
): Promise<{ report: Report; tookMs: number }> {
  const of = typeof habits === 'function' ? habits : () => habits;
  const { observations, tookMs } = await run([URL_OF_B], of, options);
  const [observation] = observations;
  if (!observation) throw new Error('nothing was measured');
  return { report: judge(observation), tookMs };
}

const ids = ({ findings }: Report) => findings.map(({ id }) => id);
const hint = (value: string) => () => response([`Keep-Alive: ${value}`]);

describe('a limit that shows itself', () => {
  test('is measured to the millisecond, within 1.05 of its time', async () => {
    const { report, tookMs } = await judged({ idleLimitMs: 60_000 });
    expect(report.limit).toMatchObject({ kind: 'closed', ms: 60_000, lowMs: 60_000, highMs: 60_000, by: 'fin' });
    expect(tookMs).toBeLessThanOrEqual(1.05 * 60_000);
  });

  test('Node is seen as it is: 5 s advertised, 6 s real, and 4 s to be set', async () => {
    const { report } = await judged({ idleLimitMs: 6_000, answer: hint('timeout=5') });
    expect(report).toMatchObject({ advertisedMs: 5_000, limit: { ms: 6_000 }, cutoffMs: 4_000 });
    expect(ids(report)).toContain('longer-than-advertised');
  });

  test('a limit of which whole seconds leave nothing is not gone by', async () => {
    const { report } = await judged({ idleLimitMs: 1_500, answer: hint('timeout=0') });
    expect(ids(report)).toContain('advertises-zero');
    expect(report.cutoffMs).toBe(1_200);
  });

  test.each(['fin', 'reset', 'close-notify', '408'] as const)('by %s is told as such', async (closes) => {
    const { report } = await judged({ idleLimitMs: 1_500, closes });
    expect(report.limit).toMatchObject({ kind: 'closed', by: closes, ms: 1_500 });
    expect(ids(report)).toContain(`closes-by-${closes}`);
  });

  test('that is shorter than advertised is bad', async () => {
    const { report } = await judged({ idleLimitMs: 30_000, answer: hint('timeout=60') });
    expect(report.findings[0]).toMatchObject({ id: 'shorter-than-advertised', severity: 'bad' });
    expect(report.cutoffMs).toBe(29_000);
  });

  test('the timer before the first request is told apart', async () => {
    const { report } = await judged({ idleLimitMs: 5_000, firstLimitMs: 1_000, firstCloses: '408' });
    expect(report.addresses[0]?.first).toEqual({ ms: 1_000, closed: true, by: '408' });
    expect(report.limit).toMatchObject({ ms: 5_000 });
  });

  test('a timer before the first request that lasts longer does not hold the probe up', async () => {
    const { report, tookMs } = await judged({ idleLimitMs: 2_000, firstLimitMs: 60_000 });
    expect(report.addresses[0]?.first).toMatchObject({ closed: false });
    expect(tookMs).toBeLessThanOrEqual(1.05 * 2_000 + 60);
  });
});

describe('a server that never closes', () => {
  test('is told as "more than", with a request answered after the longest wait', async () => {
    const { report, tookMs } = await judged({}, { maxWaitMs: 130_000 });
    expect(report.limit).toMatchObject({ kind: 'beyond', moreThanMs: 130_000 });
    expect(ids(report)).toContain('limit-beyond');
    expect(tookMs).toBeLessThanOrEqual(131_000);
  });
});

describe('what lies between forgets', () => {
  test.each([
    ['dropping', 'silent-drop'],
    ['resetting', 'reset-on-reuse'],
  ] as const)('%s: though nobody closes, it is found, between two idle times', async (forgetsBy, id) => {
    const { report } = await judged({ forgetsAfterMs: 50_000, forgetsBy, idleLimitMs: 600_000 });
    if (report.limit?.kind !== 'silent') throw new Error(`found ${report.limit?.kind}`);
    expect(report.limit.answeredMs).toBeLessThanOrEqual(50_000);
    expect(report.limit.unansweredMs).toBeGreaterThan(50_000);
    expect(ids(report)).toContain(id);
    expect(report.cutoffMs).toBeLessThan(50_000);
  });

  test('a closer look finds it to within 10 ms', async () => {
    const { report } = await judged({ forgetsAfterMs: 1_000 }, { maxWaitMs: 4_000, refine: 3, requestLimit: 1_000 });
    if (report.limit?.kind !== 'silent') throw new Error(`found ${report.limit?.kind}`);
    expect(report.limit.unansweredMs - report.limit.answeredMs).toBeLessThanOrEqual(10);
    expect(report.limit.answeredMs).toBeLessThanOrEqual(1_000);
  });

  test('a request that had just left when it was ended is not taken for one that was dropped', async () => {
    const abort = new AbortController();
    // The first idle time is 1 000 ms; the answer takes 500 ms.
    const end = { atMs: 2_100, act: () => abort.abort() };
    const { observations } = await run(
      [URL_OF_B],
      () => ({ rttMs: 250 }),
      { maxWaitMs: 64_000, signal: abort.signal, connections: 3 },
      [end],
    );
    expect(observations[0]?.addresses[0]?.samples.map(({ ending }) => ending.kind)).toEqual(['open', 'open', 'open']);
  });

  test('one connection that is lost alone is no limit', async () => {
    const { report } = await judged((connection) => (connection === 8 ? { cutAtMs: 100 } : { idleLimitMs: 60_000 }));
    expect(report.limit).toMatchObject({ kind: 'closed', ms: 60_000 });
    expect(ids(report)).toContain('connections-lost');
  });
});

describe('half the connections are lost in the middle', () => {
  test('closed early: the limit is that of the others', async () => {
    const { report } = await judged((connection) => ({
      idleLimitMs: 20_000,
      ...(connection > 0 && connection % 2 === 0 && { diesAtMs: 5_000 }),
    }));
    expect(report.limit).toMatchObject({ kind: 'closed', ms: 20_000 });
    expect(ids(report)).toContain('closed-early');
  });

  test('cut in silence: the limit is that of the others, and it does not wait for the lost ones', async () => {
    const { report, tookMs } = await judged((connection) => ({
      idleLimitMs: 20_000,
      ...(connection > 0 && connection % 2 === 0 && { cutAtMs: 15_000 }),
    }));
    expect(report.limit).toMatchObject({ kind: 'closed', ms: 20_000 });
    expect(ids(report)).toContain('connections-lost');
    expect(tookMs).toBeLessThan(1.05 * 20_000 + 2_500);
  });

  test('all at the same moment: a restart is not taken for a limit without a word', async () => {
    const { report } = await judged({ idleLimitMs: 60_000, diesAtMs: 7_000 });
    expect(ids(report)).toContain('closed-together');
  });
});

describe('several servers behind one name', () => {
  test('behind one address: the lowest limit counts, and the others are told', async () => {
    const { report } = await judged((connection) => ({ idleLimitMs: connection % 2 === 0 ? 5_000 : 12_000 }));
    expect(report.limit).toMatchObject({ ms: 5_000 });
    expect(report.addresses[0]?.others.map(({ ms }) => ms)).toEqual([12_000]);
    expect(ids(report)).toContain('servers-differ');
  });

  test('behind one address, where but one connection came to the other: that is told, too', async () => {
    const { report, tookMs } = await judged((connection) => ({ idleLimitMs: connection === 1 ? 60_000 : 5_000 }));
    expect(report.limit).toMatchObject({ ms: 5_000 });
    expect(ids(report)).toContain('servers-differ');
    expect(tookMs).toBeLessThanOrEqual(1.05 * 5_000);
  });

  test('behind two addresses: each is measured on its own, at the same time', async () => {
    const addresses = ['192.0.2.1', '2001:db8::1'];
    const { report, tookMs } = await judged((_, address) => ({ idleLimitMs: address.includes(':') ? 8_000 : 4_000 }), {
      addresses,
    });
    expect(report.addresses.map(({ address, limit }) => [address, limit?.kind === 'closed' && limit.ms])).toEqual([
      ['192.0.2.1', 4_000],
      ['2001:db8::1', 8_000],
    ]);
    expect(ids(report)).toContain('servers-differ');
    expect(tookMs).toBeLessThanOrEqual(1.05 * 8_000);
  });

  test('an address that cannot be reached does not spoil the others', async () => {
    const { report } = await judged(
      (_, address) =>
        address.includes(':') ? { fails: { code: 'unreachable', message: 'No way.' } } : { idleLimitMs: 4_000 },
      { addresses: ['192.0.2.1', '2001:db8::1'] },
    );
    expect(report).toMatchObject({ outcome: 'in-order', limit: { ms: 4_000 } });
    expect(report.findings).toContainEqual({ id: 'unreachable', severity: 'warn', text: 'No way.' });
  });

  test('fifty URLs take as long as the slowest', async () => {
    const urls = Array.from({ length: 50 }, (_, index) => `http://b${index}.example/`);
    const limitOf = (host: string) => 1_000 + 100 * Number(/\d+/.exec(host)?.[0]);
    const { observations, tookMs } = await run(urls, (_, __, host) => ({ idleLimitMs: limitOf(host) }), {
      connections: 6,
    });
    for (const observation of observations) {
      expect(judge(observation).limit).toMatchObject({ ms: limitOf(new URL(observation.url).host) });
    }
    expect(observations).toHaveLength(50);
    expect(tookMs).toBeLessThanOrEqual(1.05 * 5_900);
  });
});

describe('the machine is suspended during the wait', () => {
  test('that is noticed, and measured anew', async () => {
    const sleep = { atMs: 3_000, act: (clock: { suspend(ms: number): void }) => clock.suspend(3_600_000) };
    const { events, observations } = await run([URL_OF_B], () => ({ idleLimitMs: 5_000 }), {}, [sleep]);
    expect(events.filter(({ type }) => type === 'suspended')).toHaveLength(1);
    const report = observations[0] && judge(observations[0]);
    expect(report?.limit).toMatchObject({ kind: 'closed', ms: 5_000 });
    expect(report && ids(report)).toContain('suspended');
  });
});

describe('it is ended in the middle', () => {
  test('what is known by then is told', async () => {
    const abort = new AbortController();
    const end = { atMs: 2_000, act: () => abort.abort() };
    const { observations, tookMs } = await run([URL_OF_B], () => ({ idleLimitMs: 60_000 }), { signal: abort.signal }, [
      end,
    ]);
    const report = observations[0] && judge(observations[0]);
    expect(report?.interrupted).toBe(true);
    expect(report?.limit).toMatchObject({ kind: 'beyond', used: false });
    expect(report?.cutoffMs).toBeUndefined();
    expect(tookMs).toBeLessThan(2_100);
  });
});

describe('what a server answers', () => {
  test.each([401, 403, 429, 301])('%i is measured all the same', async (status) => {
    const { report } = await judged({ idleLimitMs: 1_000, answer: () => response(['Location: /x'], `${status} No`) });
    expect(report).toMatchObject({ outcome: 'in-order', limit: { ms: 1_000 } });
    expect(ids(report)).toContain('status');
  });

  test.each([405, 501])('HEAD refused with %i: GET is sent', async (status) => {
    const answer = (request: string) => response([], request.startsWith('HEAD') ? `${status} No` : '200 OK');
    const { report } = await judged({ idleLimitMs: 1_000, answer });
    expect(report.greeting).toMatchObject({ method: 'GET', headFault: 'refused', headStatus: status, status: 200 });
    expect(ids(report)).toContain('head-refused');
  });

  test.each([
    ['with', 0],
    ['behind', 1],
  ])('a body that comes %s the answer to HEAD is not taken for the next answer: GET is sent', async (_, lateMs) => {
    const body = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const answer = (request: string) => (request.startsWith('HEAD') && lateMs > 0 ? body.slice(0, -2) : body);
    const { report } = await judged({
      idleLimitMs: 1_000,
      answer,
      ...(lateMs > 0 && { afterHead: { text: 'ok', lateMs } }),
    });
    expect(report).toMatchObject({ limit: { ms: 1_000 }, greeting: { method: 'GET', headFault: 'body', status: 200 } });
    expect(ids(report)).toContain('head-refused');
    expect(report.addresses[0]?.failed).toBe(0);
  });

  test('Connection: close is no limit, and nothing is to be set', async () => {
    const { report } = await judged({ answer: () => response(['Connection: close']) });
    expect(report).toMatchObject({ outcome: 'in-order', limit: { kind: 'none' } });
    expect(report.cutoffMs).toBeUndefined();
  });

  test('HTTP/1.0 without keep-alive is no limit', async () => {
    const { report } = await judged({ answer: () => 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n' });
    expect(report.limit).toEqual({ kind: 'none' });
  });

  test('garbage is told as what it is', async () => {
    const { report } = await judged({ answer: () => 'SSH-2.0-OpenSSH_9.2\r\n' });
    expect(report).toMatchObject({ outcome: 'not-measured', failure: { code: 'not-http' } });
  });

  test('nothing at all', async () => {
    const { report } = await judged({ answer: () => undefined });
    expect(report).toMatchObject({ outcome: 'not-measured', failure: { code: 'no-answer' } });
  });

  test('it closes before it answers', async () => {
    const { report } = await judged({ diesAtMs: 3 });
    expect(report).toMatchObject({ outcome: 'not-measured', failure: { code: 'closed-at-once' } });
  });
});

describe('requests', () => {
  test('a connection that carries only so many is found out', async () => {
    const { report } = await judged({ idleLimitMs: 1_000, mostRequests: 7 }, { countRequests: 20 });
    expect(report.requests).toEqual({ served: 7, endedBy: 'fin' });
    expect(report.findings).toContainEqual(expect.objectContaining({ id: 'request-limit', severity: 'bad' }));
  });

  test('are no more than the limit of politeness allows', async () => {
    let sent = 0;
    const answer = () => {
      sent++;
      return response();
    };
    await judged({ answer }, { maxWaitMs: 2_000, requestLimit: 12, connections: 16 });
    expect(sent).toBeLessThanOrEqual(12);
  });
});

describe('bad input is refused, and named', () => {
  test.each([
    [['ftp://b.example/'], {}, /'ftp:\/\/b\.example\/' is no URL/],
    [[URL_OF_B], { maxWaitMs: 1 }, /maxWaitMs is 1: expected/],
    [[URL_OF_B], { resolve: ['b.example:80'] }, /--resolve 'b\.example:80': expected/],
    [[URL_OF_B], { proxy: 'socks5://p:1080' }, /--proxy 'socks5/],
    [[URL_OF_B], { headers: { a: 'b\r\nc: d' } }, /cannot be sent/],
  ])('%j %j', async (urls, options, message) => {
    await expect(run(urls, () => ({}), options)).rejects.toThrow(message);
  });
});

test('a name that DNS does not know is told, and the others are measured', async () => {
  const lookup = async (host: string) => {
    if (host === 'b.example') return ['192.0.2.1'];
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
  };
  const { observations } = await run([URL_OF_B, 'http://nowhere.example/'], () => ({ idleLimitMs: 1_000 }), { lookup });
  const reports = observations.map((each) => judge(each));
  expect(reports.map(({ outcome }) => outcome).sort()).toEqual(['in-order', 'not-measured']);
  expect(reports.find(({ failure }) => failure)?.failure).toEqual({
    code: 'no-such-host',
    message: 'nowhere.example: the name is not known to DNS (ENOTFOUND).',
  });
});

test('leaving the loop closes every connection', async () => {
  let open = 0;
  const dial: Dial = (_, listener) => {
    open++;
    setImmediate(() => listener.open({ at: { monotonicMs: 0, wallMs: 0 }, connectMs: 1 }));
    return {
      write: () => setImmediate(() => listener.data(Buffer.from(response()), { monotonicMs: 0, wallMs: 0 })),
      destroy: () => open--,
    };
  };
  for await (const { type } of probe([URL_OF_B], { world: { dial, lookup: async () => ['192.0.2.1'] } })) {
    if (type === 'held') break;
  }
  expect(open).toBe(0);
});
