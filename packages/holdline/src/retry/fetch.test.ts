import { describe, expect, test } from 'vitest';
import { fetchWorld, keyed, url } from '../../test/fetch-world.js';
import { failure, hangUp, refusal, retryWorld } from '../../test/retry-world.js';
import type { ClientRetryOptions } from './client-options.js';

describe('what may be made again', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'delete']) {
    test(`${method}, for it is idempotent`, async () => {
      const { run, sent, reasons } = fetchWorld({}, hangUp(), 503);
      const call = await run(url, { method });
      expect([call.value?.status, sent.length]).toEqual([200, 3]);
      expect(reasons()).toEqual(['retry idempotent', 'retry idempotent', 'stop answered']);
    });
  }

  test('a POST or PATCH without a key only if it was never sent', async () => {
    for (const method of ['POST', 'PATCH']) {
      const refused = fetchWorld({}, failure('fetch failed', { cause: refusal() }));
      expect((await refused.run(url, { method, body: 'order' })).value?.status).toBe(200);
      const { run, sent, reasons } = fetchWorld({}, hangUp());
      expect((await run(url, { method, body: 'order' })).error).toMatchObject({ code: 'ECONNRESET' });
      expect([sent.length, reasons()]).toEqual([1, ['stop may-run-twice']]);
    }
  });

  test('a POST whose caller sends a key, if the origin was declared to honour it, and else not', async () => {
    const headers = { 'Idempotency-Key': 'order-7' };
    const honoured = fetchWorld(keyed, hangUp());
    expect((await honoured.run(url, { method: 'POST', headers })).value?.status).toBe(200);
    expect(honoured.sent.map(({ key }) => key)).toEqual(['order-7', 'order-7']);
    expect(honoured.reasons()[0]).toBe('retry keyed');
    for (const to of ['http://b:3001/', 'https://b:3000/', 'http://c:3000/']) {
      const other = fetchWorld(keyed, hangUp());
      await other.run(to, { method: 'POST', headers });
      expect([other.sent.length, other.reasons()]).toEqual([1, ['stop may-run-twice']]);
    }
  });
});

describe("idempotencyKey: 'auto'", () => {
  const auto = { ...keyed, idempotencyKey: 'auto' } as const;

  test('gives a POST or PATCH a fresh key, the same in every attempt', async () => {
    for (const method of ['POST', 'PATCH']) {
      const { run, sent } = fetchWorld(auto, hangUp(), 503, 200, hangUp());
      await run(url, { method });
      await run(url, { method });
      expect(sent.map(({ key }) => key)).toEqual(['key-1', 'key-1', 'key-1', 'key-2', 'key-2']);
    }
  });

  test('keeps the key of the caller, in whatever form the headers come, and all other headers', async () => {
    const name = 'IDEMPOTENCY-KEY';
    const forms = [
      { [name]: 'mine', 'X-A': 'a' },
      new Headers({ [name]: 'mine', 'X-A': 'a' }),
      [
        [name, 'mine'],
        ['X-A', 'a'],
      ] as [string, string][],
      new Map([
        [name, 'mine'],
        ['X-A', 'a'],
      ]).entries() as unknown as [string, string][],
    ];
    for (const headers of forms) {
      const { run, sent } = fetchWorld(auto, hangUp());
      await run(url, { method: 'POST', headers });
      expect(
        sent.map(({ input, init, key }) => [key, new Request(url, { ...init }).headers.get('x-a'), input]),
      ).toEqual([
        ['mine', 'a', url],
        ['mine', 'a', url],
      ]);
    }
  });

  test('adds to the headers in whatever form they come', async () => {
    const forms: RequestInit['headers'][] = [
      undefined,
      { 'X-A': 'a' },
      new Headers({ 'X-A': 'a' }),
      [['X-A', 'a']],
      [],
    ];
    for (const headers of forms) {
      const { run, sent } = fetchWorld(auto, hangUp());
      await run(url, { method: 'POST', ...(headers && { headers }) });
      expect(sent.map(({ key }) => key)).toEqual(['key-1', 'key-1']);
      const names = headers && Array.from(new Headers(headers).keys());
      for (const each of names ?? []) expect(new Headers(sent[1]?.init.headers).get(each)).toBe('a');
    }
  });

  test('is nothing to what is idempotent, nor to an origin that does not honour keys', async () => {
    const { run, sent } = fetchWorld(auto);
    for (const method of ['GET', 'PUT', 'DELETE']) await run(url, { method });
    await run('http://c/', { method: 'POST' });
    await run(new Request('http://c/', { method: 'POST' }));
    expect(sent.map(({ key }) => key)).toEqual([null, null, null, null, null]);
  });

  test('knows that Stripe honours keys, unless it is told otherwise', async () => {
    const stripe = 'https://api.stripe.com/v1/charges';
    const { run, sent } = fetchWorld({ idempotencyKey: 'auto' });
    await run(stripe, { method: 'POST' });
    const told = fetchWorld({
      idempotencyKey: 'auto',
      origins: { 'https://api.stripe.com': { idempotencyKeys: false } },
    });
    await told.run(stripe, { method: 'POST' });
    expect([sent[0]?.key, told.sent[0]?.key]).toEqual(['key-1', null]);
  });

  test('is written as the string of the draft, if that is wanted', async () => {
    const { run, sent } = fetchWorld({ ...auto, keyFormat: 'quoted' }, hangUp());
    await run(url, { method: 'POST' });
    expect(sent.map(({ key }) => key)).toEqual(['"key-1"', '"key-1"']);
  });
});

describe('ends', () => {
  test('at the deadline, which is for all attempts together', async () => {
    const { run, sent, reasons } = fetchWorld({ deadlineMs: 250 }, 503, 503, 503);
    expect((await run(url)).value?.status).toBe(503);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 100]);
    expect(reasons().at(-1)).toBe('stop deadline');
  });

  test('while the body of a Request is read, at the deadline', async () => {
    const { run, sent } = fetchWorld({ deadlineMs: 250 });
    let cancelled = false;
    const never = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
      pull: () => new Promise(() => {}),
    });
    const call = await run(new Request(url, { method: 'PUT', body: never, duplex: 'half' }));
    expect([call.error, sent.length]).toMatchObject([{ name: 'TimeoutError' }, 0]);
    expect(cancelled).toBe(false); // the other half is the caller's Request
  });

  test("with the budget of the URL's origin, and no other's", async () => {
    const budget = { ratio: 0, perSecond: 0, burst: 1 };
    const { run, reasons } = fetchWorld({ budget, attempts: 9 }, 503, 503, 503, 503, 200);
    await run(url);
    await run('http://B:3000/other');
    await run('http://c/');
    expect(reasons()).toEqual([
      'retry idempotent',
      'stop budget-empty',
      'stop budget-empty',
      'retry idempotent',
      'stop answered',
    ]);
  });
});

test('a response that nobody will see is cancelled; the one that is given is not', async () => {
  const { run, responses } = fetchWorld({}, 503, 502);
  const { value } = await run(url);
  expect(value).toBe(responses[2]);
  expect(responses.map(({ bodyUsed }) => bodyUsed)).toEqual([true, true, false]);
});

test('the event names the origin, and no signal is added where nobody can end the call', async () => {
  const { run, events, sent } = fetchWorld({});
  await run(new URL(`${url}?a#b`));
  expect(events).toMatchObject([{ origin: 'http://b:3000', action: 'stop', reason: 'answered', attempt: 1 }]);
  expect(sent[0]?.init).toEqual({});
});

test('what is no URL of HTTP, and a mistake in what is given, is left to the fetch', async () => {
  const { run, events } = fetchWorld({});
  expect((await run('data:text/plain,a')).value?.status).toBe(200);
  expect((await run('/relative')).error).toBeInstanceOf(TypeError);
  expect(events.map(({ origin }) => origin)).toEqual([undefined, undefined]);
});

describe('a mistake in the options is thrown at once', () => {
  const { withRetry } = retryWorld();
  const mistakes: readonly [object, RegExp][] = [
    [{ idempotencyKey: true }, /^Holdline: idempotencyKey is true; expected 'auto'\.$/],
    [{ keyFormat: 'sf' }, /^Holdline: keyFormat is 'sf'; expected 'raw', 'quoted'\.$/],
    [{ maxBodyBytes: -1 }, /^Holdline: maxBodyBytes is -1; expected bytes from 0 to 67108864\.$/],
    [{ origins: { 'b:3000': {} } }, /^Holdline: origins is 'b:3000'; expected keys such as /],
    [{ origins: { 'http://b': { keys: true } } }, /^Holdline: origins\['http:\/\/b'\]\.keys is true; expected only /],
    [{ origins: { 'http://b': { idempotencyKeys: 1 } } }, /idempotencyKeys is 1; expected true or false\.$/],
    [{ idempotent: true }, /^Holdline: idempotent is true; expected only attempts, /],
    [{ attempts: 0 }, /^Holdline: attempts is 0; expected a whole number from 1 to 1000\.$/],
  ];
  for (const [options, expected] of mistakes) {
    test(`such as ${JSON.stringify(options)}`, () => {
      expect(() => withRetry(fetch, options as ClientRetryOptions)).toThrow(expected);
    });
  }

  test('such as no fetch; an agent’s origins are none', () => {
    expect(() => withRetry(undefined as never)).toThrow('Holdline: fetch is undefined; expected a fetch function.');
    const origins = { 'http://b': { idleLimitMs: 5_000, idempotencyKeys: true } };
    expect(() => withRetry(fetch, { origins })).not.toThrow();
  });
});
