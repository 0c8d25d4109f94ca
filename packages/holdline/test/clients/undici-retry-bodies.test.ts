// Which bodies the interceptor sends again, and which it cannot; those of fetch too, on each undici and on Node's own.
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Dispatcher } from 'undici7';
import { describe, expect, test } from 'vitest';
import { type RetryInterceptorOptions, retryInterceptor } from '../../src/retry/index.js';
import { retryEvents } from '../retry-world.js';
import { failureOf, serveHttp, wait } from '../sockets/support.js';
import { builtInAgent, retrying, undicis } from './support/undici.js';

type Body = NonNullable<Dispatcher.DispatchOptions['body']>;

/** B, which reads each request, and answers the first ones by 503; it tells what it read, and with what length. */
async function reads(busy: number) {
  const read: string[] = [];
  const lengths: (string | undefined)[] = [];
  const b = await serveHttp(async (request, response) => {
    lengths.push(request.headers['content-length']);
    read.push(await text(request));
    response.writeHead(read.length <= busy ? 503 : 200).end('ok');
  });
  return { ...b, read, lengths };
}

async function* parts(): AsyncGenerator<Buffer> {
  yield Buffer.from('it');
  await wait(5);
  yield Buffer.from('em=7');
}

const whole: Readonly<Record<string, Body>> = {
  string: 'item=7',
  Buffer: Buffer.from('item=7'),
  Uint8Array: new TextEncoder().encode('item=7'),
  Blob: new Blob(['item=7']) as unknown as string,
};
const streams: Readonly<Record<string, () => Body>> = {
  Readable: () => Readable.from(parts()),
  'a web stream': () => ReadableStream.from(parts()) as unknown as Readable,
  'an async generator': () => parts() as unknown as Readable,
  'a generator': () => ['it', 'em=7'].values() as unknown as Readable,
};

// before the others: undici 8 puts one of its own in its place
const builtIn = await builtInAgent();
const known = await undicis();

for (const [name, undici] of known) {
  const { request } = undici;

  describe(`${name}: request`, () => {
    for (const [kind, body] of Object.entries(whole)) {
      test(`sends again, with its length: ${kind}`, async () => {
        const b = await reads(2);
        const { statusCode } = await request(b.origin, { dispatcher: retrying(undici), method: 'PUT', body });
        expect([statusCode, b.read, b.lengths]).toEqual([200, Array(3).fill('item=7'), Array(3).fill('6')]);
      });
    }

    test('sends again: its own FormData', async () => {
      const b = await reads(1);
      const body = new undici.FormData();
      body.set('item', '7');
      await request(b.origin, { dispatcher: retrying(undici), method: 'PUT', body });
      expect(b.read.map((each) => each.includes('name="item"\r\n\r\n7'))).toEqual([true, true]);
    });

    test('asks a function for the body of every attempt', async () => {
      const b = await reads(2);
      let made = 0;
      const body = (() => Readable.from([`${++made}`])) as unknown as Readable;
      await request(b.origin, { dispatcher: retrying(undici, { maxBodyBytes: 0 }), method: 'PUT', body });
      expect(b.read).toEqual(['1', '2', '3']);
    });

    test('fails with what such a function throws', async () => {
      const b = await reads(0);
      const error = new Error('the disk');
      const body = (() => {
        throw error;
      }) as unknown as Readable;
      expect(await failureOf(request(b.origin, { dispatcher: retrying(undici), method: 'PUT', body }))).toBe(error);
    });

    for (const [kind, make] of Object.entries(streams)) {
      test(`keeps a stream up to the bound, and sends it again: ${kind}`, async () => {
        const b = await reads(2);
        const dispatcher = retrying(undici, { maxBodyBytes: 6 });
        const { statusCode } = await request(b.origin, { dispatcher, method: 'PUT', body: make() });
        expect([statusCode, b.read]).toEqual([200, Array(3).fill('item=7')]);
      });

      test(`sends a larger stream once, whole, and says so: ${kind}`, async () => {
        const b = await serveHttp((incoming) => {
          void text(incoming).then((body) => read.push(body) && incoming.socket.destroy());
        });
        const read: string[] = [];
        const events = retryEvents();
        const dispatcher = retrying(undici, { maxBodyBytes: 5 });
        const error = await failureOf(request(b.origin, { dispatcher, method: 'PUT', body: make() }));
        await wait(20);
        expect([read, events.map(({ reason }) => reason)]).toEqual([['item=7'], ['not-recorded']]);
        expect(error).toMatchObject({
          code: 'UND_ERR_SOCKET',
          notRetried: expect.stringMatching(
            /^Holdline: not made again, for its body is a stream of which more/,
          ) as unknown,
        });
      });
    }

    test('never ends the body of an attempt that was given up: B would take half of it for all', async () => {
      const ended: string[] = [];
      let requests = 0;
      const b = await serveHttp((incoming, response) => {
        if (requests++ === 0) response.writeHead(503).end();
        void text(incoming).then(
          (body) => ended.push(body) && response.end('ok'),
          () => {}, // the one that was given up
        );
      });
      const body = Readable.from(slowParts());
      await request(b.origin, { dispatcher: retrying(undici, {}, { connections: 2 }), method: 'PUT', body });
      await wait(50);
      expect([ended, requests]).toEqual([['one two three'], 2]);
    });

    test('fails with the error of a stream that fails, and does not make it again', async () => {
      const b = await reads(0);
      const events = retryEvents();
      const error = Object.assign(new Error('upstream'), { code: 'ECONNRESET' });
      const body = new Readable({
        read() {
          this.destroy(error);
        },
      });
      expect(await failureOf(request(b.origin, { dispatcher: retrying(undici), method: 'PUT', body }))).toBe(error);
      expect(events.map(({ reason }) => reason)).toEqual(['not-recorded']);
    });
  });
}

async function* slowParts(): AsyncGenerator<string> {
  yield 'one ';
  await wait(40);
  yield 'two ';
  await wait(40);
  yield 'three';
}

/** Each fetch, and a dispatcher that it takes. */
const fetches = new Map<
  string,
  { fetch: typeof fetch; dispatcher(options: RetryInterceptorOptions): Promise<Dispatcher> }
>();
for (const [name, undici] of known) {
  fetches.set(`${name}: its fetch`, {
    fetch: undici.fetch as unknown as typeof fetch,
    dispatcher: async (options) => retrying(undici, options),
  });
}
fetches.set(`the undici of Node, ${process.versions['undici']}: the built-in fetch`, {
  fetch,
  dispatcher: async (options) => builtIn.compose(retryInterceptor({ baseDelayMs: 1, ...options })),
});

for (const [name, { fetch: fetchIt, dispatcher: make }] of fetches) {
  describe(name, () => {
    const using = async (options: RetryInterceptorOptions = {}) =>
      ({ dispatcher: await make(options) }) as unknown as RequestInit;

    test('a GET is made until it is answered', async () => {
      const b = await reads(2);
      const response = await fetchIt(b.origin, await using());
      expect([response.status, await response.text(), b.read.length]).toEqual([200, 'ok', 3]);
    });

    test('a body that fetch has made a stream of is sent again, with its length and the same key', async () => {
      const keys: unknown[] = [];
      const b = await reads(2);
      b.server.on('request', ({ headers }) => keys.push(headers['idempotency-key']));
      const init = await using({ idempotencyKey: 'auto', origins: { [b.origin]: { idempotencyKeys: true } } });
      const response = await fetchIt(b.origin, { ...init, method: 'POST', body: 'item=7' });
      expect([response.status, b.read, b.lengths]).toEqual([200, Array(3).fill('item=7'), Array(3).fill('6')]);
      expect(keys).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f-]{36}$/)));
      expect(new Set(keys).size).toBe(1);
    });

    test('an abort during a wait, and one under a response, ends it at once', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        if (requests++ === 0) response.writeHead(503, { 'Retry-After': '20' }).end();
        else response.writeHead(200).write('part');
      });
      const events = retryEvents();
      const init = await using();
      const abort = new AbortController();
      const call = failureOf(fetchIt(b.origin, { ...init, signal: abort.signal }));
      while (events.length === 0) await wait(1);
      abort.abort();
      expect((await call).name).toBe('AbortError');
      const later = new AbortController();
      const response = await fetchIt(b.origin, { ...init, signal: later.signal });
      const reading = failureOf(response.text());
      later.abort();
      expect((await reading).name).toBe('AbortError');
      expect([requests, events.at(-1)?.reason]).toEqual([2, 'answered']);
    });

    test('a large response flows at the pace of its reader', async () => {
      let requests = 0;
      const b = await serveHttp((_request, response) => {
        if (requests++ === 0) response.writeHead(503).end();
        else response.end(Buffer.alloc(3_000_000, 7));
      });
      const response = await fetchIt(b.origin, await using());
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        bytes += (chunk as Uint8Array).byteLength;
        if (bytes < 1_000_000) await wait(1);
      }
      expect(bytes).toBe(3_000_000);
    });
  });
}
