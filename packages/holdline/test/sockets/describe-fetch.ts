import { getEventListeners, once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { type ClientRetryOptions, withRetry } from '../../src/retry/index.js';
import { retryEvents } from '../retry-world.js';
import { failureOf, serveHttp, wait } from './support.js';

export interface FetchUnderTest {
  /** Takes `RequestInit` as the built-in one does. */
  readonly fetch: typeof fetch;
  readonly Request: typeof Request;
  readonly FormData: typeof FormData;
  /** A body that is a stream, as this fetch takes it. */
  stream(parts: AsyncIterable<string>): unknown;
  /** It reads a `Request` of its own more than once; else one with a body is made once. */
  readonly rereadsRequests: boolean;
}

interface Seen {
  readonly key: string | undefined;
  readonly type: string | undefined;
  readonly length: string | undefined;
  readonly body: string;
}

type Answer = number | 'dies';

/** B, which reads each request, and then answers as it is told, or dies; at the end of the list it is well. */
async function serve(...steps: Answer[]) {
  const seen: Seen[] = [];
  const b = await serveHttp(async (request, response) => {
    const { headers } = request;
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // the client gave it up
    const key = headers['idempotency-key'] as string | undefined;
    seen.push({ key, type: headers['content-type'], length: headers['content-length'], body });
    const step = steps[seen.length - 1] ?? 200;
    if (step === 'dies') request.socket.destroy();
    else response.writeHead(step).end(`${step}`);
  });
  return { ...b, seen };
}

/** What {@link withRetry} does to a fetch, against a real server. */
export function describeFetch(name: string, client: FetchUnderTest): void {
  const again = (options: ClientRetryOptions = {}) => withRetry(client.fetch, { baseDelayMs: 1, ...options });

  describe(name, () => {
    test('a GET is made until it is answered, and B hears of no other', async () => {
      const b = await serve(503, 'dies');
      const events = retryEvents();
      const response = await again()(b.origin);
      expect([response.status, await response.text(), b.seen.length]).toEqual([200, '200', 3]);
      expect(events.map(({ origin, reason }) => [origin, reason])).toEqual([
        [b.origin, 'idempotent'],
        [b.origin, 'idempotent'],
        [b.origin, 'answered'],
      ]);
    });

    test('a POST that B executed before it died has the same key in every attempt, and without one is not made again', async () => {
      const b = await serve('dies', 503, 'dies', 200, 'dies');
      const origins = { [b.origin]: { idempotencyKeys: true } };
      const post = { method: 'POST', body: 'order' };
      const response = await again({ idempotencyKey: 'auto', origins, attempts: 5 })(b.origin, post);
      expect(response.status).toBe(200);
      expect(b.seen.map(({ key, body }) => [key, body])).toEqual(b.seen.map(() => [b.seen[0]?.key, 'order']));
      expect(b.seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
      await failureOf(again({ origins })(b.origin, post));
      await wait(20);
      expect(b.seen.length).toBe(5);
      expect(b.seen[4]?.key).toBeUndefined();
    });

    test('bodies that are no streams are sent again as they are, with their type and length', async () => {
      const form = new client.FormData();
      form.set('item', '7');
      const params = new URLSearchParams({ item: '7' });
      for (const body of ['item=7', Buffer.from('item=7'), params, new Blob(['item=7'])]) {
        const b = await serve(503);
        await again()(b.origin, { method: 'PUT', body });
        expect(b.seen.map(({ body: read, length }) => [read, length])).toEqual(b.seen.map(() => ['item=7', '6']));
        expect([b.seen.length, b.seen[1]?.type]).toEqual([2, b.seen[0]?.type]);
      }
      const b = await serve(503);
      await again()(b.origin, { method: 'PUT', body: form });
      expect(b.seen.map(({ body, type }) => [body.includes('name="item"'), type?.split(';')[0]])).toEqual(
        b.seen.map(() => [true, 'multipart/form-data']),
      );
      expect(b.seen.length).toBe(2);
    });

    test('a stream is sent again up to the bound, and a larger one once, which the error says', async () => {
      const init = () => ({ method: 'PUT', duplex: 'half', body: client.stream(parts()) }) as RequestInit;
      const b = await serve(503, 'dies');
      expect((await again({ maxBodyBytes: 6 })(b.origin, init())).status).toBe(200);
      expect(b.seen.map(({ body }) => body)).toEqual(['item=7', 'item=7', 'item=7']);
      const once_ = await serve('dies');
      const events = retryEvents();
      const error = await failureOf(again({ maxBodyBytes: 5 })(once_.origin, init()));
      await wait(20);
      expect(once_.seen.map(({ body }) => body)).toEqual(['item=7']);
      expect(events.at(-1)).toMatchObject({ action: 'stop', reason: 'not-recorded' });
      expect(error).toMatchObject({ notRetried: expect.stringContaining('maxBodyBytes (5)') as unknown });
    });

    test('a stream that a function makes is sent as often as it takes, whatever its size', async () => {
      const b = await serve(503, 'dies');
      const fetchAgain = again({ maxBodyBytes: 0 });
      const body = () => client.stream(parts()) as string;
      expect((await fetchAgain(b.origin, { method: 'PUT', duplex: 'half', body })).status).toBe(200);
      expect(b.seen.map(({ body: read }) => read)).toEqual(['item=7', 'item=7', 'item=7']);
    });

    test('an attempt that was given up never ends its body early: B would take half of it for all', async () => {
      let requests = 0;
      const ended: string[] = [];
      const b = await serveHttp((request, response) => {
        if (requests++ === 0) response.writeHead(503).end();
        void text(request).then(
          (body) => ended.push(body) && response.end('ok'),
          () => {}, // the one that was given up
        );
      });
      const body = client.stream(parts(30)) as string;
      const response = await again()(b.origin, { method: 'PUT', duplex: 'half', body });
      expect(response.status).toBe(200);
      await wait(60);
      expect([ended, requests]).toEqual([['item=7'], 2]);
    });

    test('a Request with a body is made again with its length, or, if it is too large, once', async () => {
      const make = (origin: string) =>
        new client.Request(origin, { method: 'PUT', body: 'item=7', headers: { 'Content-Type': 'a/b' } });
      const b = await serve(503);
      const { status } = await again()(make(b.origin));
      const sent = { key: undefined, type: 'a/b', length: '6', body: 'item=7' };
      expect([status, b.seen]).toEqual(client.rereadsRequests ? [200, [sent, sent]] : [503, [sent]]);
      const large = await serve(503);
      expect((await again({ maxBodyBytes: 5 })(make(large.origin))).status).toBe(503);
      expect(large.seen).toEqual([sent]);
    });

    test('an abort during a wait ends it at once, and no request follows; a shared signal keeps no listener', async () => {
      const b = await serveHttp((_request, response) => response.writeHead(503, { 'Retry-After': '20' }).end());
      const events = retryEvents();
      const abort = new AbortController();
      const reason = new Error('no more');
      const begun = performance.now();
      const calls = [1, 2, 3].map(() => failureOf(again({ deadlineMs: 60_000 })(b.origin, { signal: abort.signal })));
      while (events.length < 3) await wait(1);
      abort.abort(reason);
      expect(await Promise.all(calls)).toEqual([reason, reason, reason]);
      expect(performance.now() - begun).toBeLessThan(5_000);
      expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    });

    test('the deadline ends an attempt whose answer does not come, and its connection', async () => {
      const b = await serveHttp(() => {});
      const error = await failureOf(again({ deadlineMs: 100 })(b.origin));
      expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
      const [socket] = b.accepted;
      if (socket && !socket.closed) await once(socket, 'close');
    });

    test('nothing is made again once there was a response, however its body ends', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        requests++;
        response.writeHead(200, { 'Content-Length': '100' }).write('part');
        setTimeout(() => response.destroy(), 10);
      });
      const response = await again()(b.origin);
      await failureOf(response.text());
      await wait(20);
      expect(requests).toBe(1);
    });
  });
}

async function* parts(pauseMs = 2): AsyncGenerator<string> {
  yield 'it';
  await wait(pauseMs);
  yield 'em=7';
}
