import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { fetchWorld, keyed, url } from '../../test/fetch-world.js';
import { hangUp, refusal, retryEvents, retryWorld, watch } from '../../test/retry-world.js';
import { settled } from '../testing/clock.js';

describe('a body', () => {
  const form = new FormData();
  form.set('item', '7');
  const whole: Readonly<Record<string, NonNullable<RequestInit['body']>>> = {
    string: 'item=7',
    Buffer: Buffer.from('item=7'),
    ArrayBuffer: new TextEncoder().encode('item=7').buffer,
    URLSearchParams: new URLSearchParams({ item: '7' }),
    Blob: new Blob(['item=7']),
  };
  for (const [kind, body] of Object.entries(whole)) {
    test(`is sent again as it is, and is given to fetch as it was: ${kind}`, async () => {
      const { run, sent } = fetchWorld({}, hangUp(), hangUp());
      await run(url, { method: 'PUT', body });
      expect(sent.map(({ init, body: text }) => [init.body === body, text])).toEqual(sent.map(() => [true, 'item=7']));
      expect(sent).toHaveLength(3);
    });
  }

  test('is sent again as it is: FormData', async () => {
    const { run, sent } = fetchWorld({}, hangUp());
    await run(url, { method: 'PUT', body: form });
    expect(sent.map(({ init }) => init.body)).toEqual([form, form]);
    expect(sent[1]?.body).toContain('name="item"\r\n\r\n7');
  });

  test('of a function is made anew for every attempt', async () => {
    const { run, sent } = fetchWorld({ maxBodyBytes: 0 }, hangUp(), hangUp());
    let made = 0;
    const body = async () => ReadableStream.from([Buffer.from(`${++made}`)]) as unknown as string;
    await run(url, { method: 'PUT', body, duplex: 'half' });
    expect(sent.map(({ body: text }) => text)).toEqual(['1', '2', '3']);
  });

  test('of a function that fails is a failed attempt, and no other is made', async () => {
    const { run, sent, reasons } = fetchWorld({});
    const error = new Error('the disk');
    const body = () => {
      throw error;
    };
    expect((await run(url, { method: 'PUT', body })).error).toBe(error);
    expect([sent.length, reasons()]).toEqual([0, ['stop not-retryable']]);
  });

  const streams: Readonly<Record<string, () => unknown>> = {
    ReadableStream: () => ReadableStream.from(['it', 'em=7'].map((part) => Buffer.from(part))),
    Readable: () => Readable.from(['it', 'em=7'].map((part) => Buffer.from(part))),
    'async generator': async function* () {
      yield Buffer.from('it');
      yield Buffer.from('em=7');
    },
  };
  for (const [kind, make] of Object.entries(streams)) {
    const init = () => {
      const made = make();
      return { method: 'PUT', body: made as string, duplex: 'half' } as const;
    };
    // a generator's function would be taken for one that makes the body
    const given = () => (kind === 'async generator' ? { ...init(), body: make() as string } : init());

    test(`that is a stream is kept, up to the bound, and sent again: ${kind}`, async () => {
      const { run, sent } = fetchWorld({ maxBodyBytes: 6 }, hangUp(), 503);
      expect((await run(url, given())).value?.status).toBe(200);
      expect(sent.map(({ body }) => body)).toEqual(['item=7', 'item=7', 'item=7']);
    });

    test(`that is a larger stream is sent once, and the event and the error say why: ${kind}`, async () => {
      const error = hangUp();
      const { run, sent, reasons } = fetchWorld({ maxBodyBytes: 5 }, error);
      const call = await run(url, given());
      expect(call.error).toBe(error);
      expect([sent.map(({ body }) => body), reasons()]).toEqual([['item=7'], ['stop not-recorded']]);
      expect(error).toMatchObject({
        message: 'ECONNRESET',
        notRetried:
          'Holdline: not made again, for its body is a stream of which more than maxBodyBytes (5) was read. ' +
          'Give a function that makes the body, or raise maxBodyBytes.',
      });
    });
  }

  test('that is a large stream of which nothing was read is still whole', async () => {
    const { withRetry, pass } = retryWorld();
    const body = ReadableStream.from([Buffer.from('item=7')]) as unknown as string;
    const texts: string[] = [];
    const fetch = async (input: string, init?: RequestInit): Promise<string> => {
      if (texts.push('') === 1) throw refusal();
      return new Request(input, init).text();
    };
    const call = watch(withRetry(fetch, { maxBodyBytes: 1 })(url, { method: 'POST', body, duplex: 'half' }));
    await pass(1_000);
    expect(call.value).toBe('item=7');
  });

  test('that its client must see itself is sent once', async () => {
    const error = hangUp();
    const { withRetry } = retryWorld();
    const events = retryEvents();
    const body = Object.assign(Readable.from(['a']), { getBoundary: () => 'b' });
    const seen: unknown[] = [];
    const fetch = async (_input: string, init?: { method?: string; body?: unknown }): Promise<void> => {
      seen.push(init?.body);
      throw error;
    };
    await expect(withRetry(fetch)(url, { method: 'PUT', body })).rejects.toBe(error);
    expect([seen, events.at(-1)?.reason]).toEqual([[body], 'not-recorded']);
    expect(error).toMatchObject({ notRetried: expect.stringContaining('can be read once') as unknown });
  });
});

describe('a Request', () => {
  test('is made again, with its method, its headers and its body', async () => {
    const { run, sent } = fetchWorld({}, hangUp());
    const request = new Request(url, { method: 'PUT', body: 'item=7', headers: { 'X-A': 'a' } });
    expect((await run(request)).value?.status).toBe(200);
    expect(sent.map(({ input, body }) => [input === request, body])).toEqual([
      [true, 'item=7'],
      [true, 'item=7'],
    ]);
    expect(request.bodyUsed).toBe(true);
  });

  test('is given a key beside its other headers', async () => {
    const { run, sent } = fetchWorld({ ...keyed, idempotencyKey: 'auto' }, hangUp());
    await run(new Request(url, { method: 'POST', body: '{}', headers: { 'Content-Type': 'text/json' } }));
    expect(
      sent.map(({ input, init, key }) => [
        key,
        new Request(input as Request, { ...init, body: 'x' }).headers.get('content-type'),
      ]),
    ).toEqual([
      ['key-1', 'text/json'],
      ['key-1', 'text/json'],
    ]);
  });

  test('whose body is too large is made once, from the Request itself, and that is said', async () => {
    const error = hangUp();
    const { run, sent, reasons } = fetchWorld({ maxBodyBytes: 5 }, error);
    const call = await run(new Request(url, { method: 'PUT', body: 'item=7' }));
    expect(call.error).toBe(error);
    expect([sent.map(({ init, body }) => [init.body, body]), reasons()]).toEqual([
      [[undefined, 'item=7']],
      ['stop not-recorded'],
    ]);
    expect(error).toMatchObject({ notRetried: expect.stringContaining('larger than maxBodyBytes (5)') as unknown });
  });

  test('is overridden by init', async () => {
    const { run, sent, reasons } = fetchWorld({}, hangUp());
    await run(new Request(url, { method: 'PUT', body: 'item=7' }), { method: 'POST', body: 'item=8' });
    expect([sent.map(({ body }) => body), reasons()]).toEqual([['item=8'], ['stop may-run-twice']]);
  });

  test('ends with its own signal, or with that of init', async () => {
    for (const own of [true, false]) {
      const abort = new AbortController();
      const { fetchAgain, pass, clock } = fetchWorld({}, 503);
      const request = new Request(url, own ? { signal: abort.signal } : {});
      const call = watch(fetchAgain(request, own ? {} : { signal: abort.signal }));
      await pass(10);
      abort.abort(new Error('no more'));
      await settled();
      expect(call.error).toMatchObject({ message: 'no more' });
      expect(clock.pendingTimers).toBe(0);
    }
  });
});
