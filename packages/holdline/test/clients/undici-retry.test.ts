// The interceptor through each undici: what is made again, what is not, and what is left of it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Dispatcher as Dispatcher7 } from 'undici7';
import type { Dispatcher as Dispatcher8 } from 'undici8';
import { describe, expect, onTestFinished, test } from 'vitest';
import { channels, type RetryEvent, retryInterceptor } from '../../src/retry/index.js';
import { retryEvents } from '../retry-world.js';
import { diesOverRequests, failureOf, serveHttp, wait } from '../sockets/support.js';
import { freePort } from './support/free-port.js';
import { retrying, testThatUndici8DoesNotLoad, undicis } from './support/undici.js';

testThatUndici8DoesNotLoad();

test('it is an interceptor by the types of undici 7 and of undici 8', () => {
  const of7: Dispatcher7.DispatcherComposeInterceptor = retryInterceptor();
  const of8: Dispatcher8.DispatcherComposeInterceptor = retryInterceptor();
  expect([of7, of8]).toEqual([expect.any(Function), expect.any(Function)]);
});

/** B, which answers each request by the next of these, and then by `ok`. */
async function answers(...heads: [status: number, headers?: Record<string, string>, body?: string][]) {
  const requests: IncomingMessage[] = [];
  const b = await serveHttp((request, response) => {
    request.resume();
    const [status, headers = {}, body = ''] = heads[requests.push(request) - 1] ?? [200, {}, 'ok'];
    response.writeHead(status, headers).end(body);
  });
  return { ...b, requests };
}

for (const [name, undici] of await undicis()) {
  describe(name, () => {
    const { request, stream, pipeline } = undici;

    test('a GET is made until it is answered, over the same connection, and each attempt is told', async () => {
      const b = await answers([503, { 'Retry-After': '0' }, 'busy'], [502, {}, 'x'.repeat(50_000)]);
      const events = retryEvents();
      const { statusCode, body } = await request(b.origin, { dispatcher: retrying(undici) });
      expect([statusCode, await body.text(), b.requests.length, b.accepted.length]).toEqual([200, 'ok', 3, 1]);
      expect(events).toMatchObject([
        { origin: b.origin, attempt: 1, action: 'retry', reason: 'idempotent', status: 503 },
        { origin: b.origin, attempt: 2, action: 'retry', reason: 'idempotent', status: 502 },
        { origin: b.origin, attempt: 3, action: 'stop', reason: 'answered' },
      ]);
    });

    test('the last response is given when no other attempt is made, whole', async () => {
      const busy: [number, Record<string, string>, string] = [503, { 'X-Why': 'busy' }, 'busy'];
      const b = await answers(busy, busy, busy);
      const { statusCode, headers, body } = await request(b.origin, { dispatcher: retrying(undici, { attempts: 2 }) });
      expect([statusCode, headers['x-why'], await body.text(), b.requests.length]).toEqual([503, 'busy', 'busy', 2]);
    });

    test('a response without an end is not waited for, nor read for ever', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        if (requests++ > 0) return void response.end('ok');
        response.writeHead(503);
        const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
        response.on('close', () => clearInterval(timer));
      });
      const { body } = await request(b.origin, { dispatcher: retrying(undici) });
      expect(await body.text()).toBe('ok');
      if (b.accepted[0]?.closed === false) await once(b.accepted[0], 'close');
    });

    test('a POST without a key is made once, for B executed it; or until somebody takes it', async () => {
      const b = await diesOverRequests(1);
      const events = retryEvents();
      const dispatcher = retrying(undici, { attempts: 2 });
      await failureOf(request(b.origin, { dispatcher, method: 'POST', body: 'order' }));
      await wait(20);
      expect(b.executed).toEqual([{ key: undefined, body: 'order' }]);
      const nowhere = `http://127.0.0.1:${await freePort()}`;
      const error = await failureOf(request(nowhere, { dispatcher, method: 'POST', body: 'order' }));
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
      expect(events.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
        'stop may-run-twice',
        'retry unsent',
        'stop attempts-spent',
      ]);
    });

    test('a POST to an origin that honours keys has the same one in every attempt', async () => {
      const headers = [undefined, { 'X-A': 'a' }, ['X-A', 'a'], new Map([['X-A', 'a']]), { 'idempotency-key': 'mine' }];
      for (const given of headers) {
        const b = await diesOverRequests(2);
        const origins = { [b.origin]: { idempotencyKeys: true } };
        const dispatcher = retrying(undici, { idempotencyKey: 'auto', keyFormat: 'quoted', origins });
        const options = { dispatcher, method: 'POST', body: 'order', headers: given as Record<string, string> };
        const { body } = await request(b.origin, options);
        expect(await body.text()).toBe('ok');
        const keys = b.executed.map(({ key }) => key);
        expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
        expect(keys[0]).toMatch(given && 'idempotency-key' in given ? /^mine$/ : /^"[0-9a-f-]{36}"$/);
      }
    });

    test('undici’s own word on whether a request may be repeated counts', async () => {
      const [may, mayNot] = [await diesOverRequests(1), await diesOverRequests(1)];
      const dispatcher = retrying(undici);
      const { body } = await request(may.origin, { dispatcher, method: 'POST', body: 'q', idempotent: true });
      expect(await body.text()).toBe('ok');
      await failureOf(request(mayNot.origin, { dispatcher, idempotent: false }));
      expect(mayNot.executed).toHaveLength(1);
    });

    test('nothing is made again once a byte of the response was given', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        requests++;
        response.writeHead(200, { 'Content-Length': '100' }).write('part');
        setTimeout(() => response.destroy(), 10);
      });
      const { statusCode, body } = await request(b.origin, { dispatcher: retrying(undici) });
      const error = await failureOf(body.text());
      await wait(20);
      expect([statusCode, requests]).toEqual([200, 1]);
      expect(error).toMatchObject({ code: 'UND_ERR_SOCKET' });
    });

    test('an informational response is passed on, and is no answer', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' }, () => {
          if (requests++ === 0) response.destroy();
          else response.end('ok');
        });
      });
      const infos: number[] = [];
      const onInfo = ({ statusCode }: { statusCode: number }) => void infos.push(statusCode);
      const { body } = await request(b.origin, { dispatcher: retrying(undici), onInfo });
      expect([await body.text(), infos]).toEqual(['ok', [103, 103]]);
    });

    test('an upgrade and a CONNECT pass through', async () => {
      const b = await serveHttp((_request, response) => response.end());
      for (const event of ['upgrade', 'connect'] as const) {
        b.server.on(event, (_request, socket) => {
          const head = event === 'upgrade' ? '101 Switching\r\nConnection: upgrade\r\nUpgrade: x' : '200 OK';
          socket.end(`HTTP/1.1 ${head}\r\n\r\nhello`);
        });
      }
      const events = retryEvents();
      const dispatcher = retrying(undici);
      const origin = b.origin;
      const upgraded = await dispatcher.upgrade({ origin, path: '/', protocol: 'x' } as { path: string });
      expect(await text(upgraded.socket)).toBe('hello');
      const connected = await dispatcher.connect({ origin, path: '127.0.0.1:1' });
      expect([await text(connected.socket), events]).toEqual(['hello', []]);
    });

    test('stream and pipeline are served too; so are trailers and raw headers', async () => {
      let requests = 0;
      const b = await serveHttp((incoming, response) => {
        if (requests++ % 2 === 0) return void response.writeHead(503).end();
        response.writeHead(200, { Trailer: 'X-Sum' });
        incoming.pipe(response, { end: false }).on('unpipe', () => {
          response.addTrailers({ 'X-Sum': '1' });
          response.end();
        });
      });
      const dispatcher = retrying(undici);
      const piped = pipeline(`${b.origin}/`, { dispatcher, method: 'PUT' }, ({ body }) => body);
      expect(await text(piped.end('item'))).toBe('item');
      const into = new PassThrough();
      const done = stream(b.origin, { dispatcher, method: 'PUT', body: 'item' }, () => into);
      expect([await text(into), (await done).trailers]).toEqual(['item', { 'x-sum': '1' }]);
      const { headers, body } = await request(b.origin, { dispatcher, responseHeaders: 'raw' });
      expect(Array.from(headers as unknown as string[], String)).toContain('X-Sum');
      await body.dump();
    });

    for (const down of [true, false]) {
      test(`an abort during a wait ends it at once, with its reason: ${down ? 'B is down' : 'B answered 503'}`, async () => {
        const b = await answers([503, { 'Retry-After': '20' }]);
        const origin = down ? `http://127.0.0.1:${await freePort()}` : b.origin;
        const waits = new Promise<void>((resolve) => {
          const hear = (event: unknown) => void ((event as RetryEvent).action === 'retry' && resolve());
          subscribe(channels.retry, hear);
          onTestFinished(() => void unsubscribe(channels.retry, hear));
        });
        const events = retryEvents();
        const abort = new AbortController();
        const begun = performance.now();
        const dispatcher = retrying(undici, { maxRetryAfterMs: 30_000, ...(down && slow) });
        const call = failureOf(request(origin, { dispatcher, signal: abort.signal }));
        await waits;
        const reason = new Error('no more');
        abort.abort(reason);
        expect(await call).toBe(reason);
        expect(performance.now() - begun).toBeLessThan(5_000);
        expect(events.map(({ action, reason: why }) => `${action} ${why}`).at(-1)).toBe('stop aborted');
        expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
        expect(b.requests.length).toBe(down ? 0 : 1);
      });
    }

    test('the deadline ends an attempt whose answer does not come, and its connection', async () => {
      const b = await serveHttp(() => {});
      const error = await failureOf(request(b.origin, { dispatcher: retrying(undici, { deadlineMs: 100 }) }));
      expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
      const [socket] = b.accepted;
      if (socket?.closed === false) await once(socket, 'close');
    });

    test('a signal that many requests share keeps no listener of theirs', async () => {
      const b = await answers(...Array.from({ length: 30 }, (_, index): [number] => [index % 2 === 0 ? 503 : 200]));
      const { signal } = new AbortController();
      const dispatcher = retrying(undici, { deadlineMs: 10_000 });
      for (let turn = 0; turn < 15; turn++) {
        const { body } = await request(b.origin, { dispatcher, signal });
        await body.dump();
      }
      expect([getEventListeners(signal, 'abort'), b.requests.length]).toEqual([[], 30]);
    });

    test('every attempt and every event is in the context of the caller', async () => {
      const b = await answers([503], [503]);
      const context = new AsyncLocalStorage<string>();
      const seen: (string | undefined)[] = [];
      const hear = () => void seen.push(context.getStore());
      for (const channel of ['undici:request:create', channels.retry]) {
        subscribe(channel, hear);
        onTestFinished(() => void unsubscribe(channel, hear));
      }
      const dispatcher = retrying(undici);
      await Promise.all(
        ['one', 'two'].map((each) =>
          context.run(each, async () => (await request(b.origin, { dispatcher })).body.dump()),
        ),
      );
      expect(['one', 'two', undefined].map((each) => seen.filter((one) => one === each).length)).toEqual([4, 4, 0]);
    });

    test('a dispatcher that was closed meanwhile fails the request, and nothing else', async () => {
      const b = await answers([503, { 'Retry-After': '1' }]);
      const agent = new undici.Agent();
      const dispatcher = agent.compose(retryInterceptor({ baseDelayMs: 0 }));
      const failure = failureOf(request(b.origin, { dispatcher }));
      await once(b.server, 'request');
      await wait(100);
      await agent.close();
      expect((await failure).code).toMatch(/^UND_ERR_(CLOSED|DESTROYED)$/);
    });
  });
}

/** Waits that a test ends. */
const slow = { baseDelayMs: 60_000, maxDelayMs: 60_000 };
