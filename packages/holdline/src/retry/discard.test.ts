import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { retryWorld } from '../../test/retry-world.js';
import { settled } from '../testing/clock.js';
import { discard } from './discard.js';
import type { Outcome } from './reading.js';

/** A body that gives so many parts of 16 KiB, and then ends, or (`hangs`) says nothing more. */
function body(parts: number, hangs = false): Readable {
  let left = parts;
  return new Readable({
    read() {
      if (left-- > 0) this.push(Buffer.alloc(16_384));
      else if (!hangs) this.push(null);
    },
  });
}

const given = (result: unknown): Outcome => ({ ok: true, result });

describe('a response that nobody will see', () => {
  const places: Readonly<Record<string, (stream: Readable) => Outcome>> = {
    'node:http': (stream) => given(stream),
    'undici, node-fetch': (stream) => given({ statusCode: 503, body: stream }),
    axios: (stream) => given({ status: 503, data: stream }),
    'thrown by axios': (data) => ({ ok: false, error: Object.assign(new Error('503'), { response: { data } }) }),
  };
  for (const [client, outcomeOf] of Object.entries(places)) {
    test(`is read to its end, so that its connection goes back to the pool: ${client}`, async () => {
      const { machine, clock } = retryWorld();
      const stream = body(3);
      discard(outcomeOf(stream), machine);
      await settled();
      expect([stream.readableEnded, stream.errored]).toEqual([true, null]);
      expect(clock.pendingTimers).toBe(0);
    });
  }

  test('is not read to its end if that is far away: a new connection costs less', async () => {
    const { machine } = retryWorld();
    const stream = body(Number.POSITIVE_INFINITY);
    discard(given(stream), machine);
    await settled();
    expect([stream.destroyed, stream.readableEnded]).toEqual([true, false]);
  });

  test('is not waited for', async () => {
    const { machine, pass } = retryWorld();
    const stream = body(1, true);
    discard(given(stream), machine);
    await pass(999);
    expect(stream.destroyed).toBe(false);
    await pass(1);
    expect(stream.destroyed).toBe(true);
  });

  test('that breaks off is no error of the program', async () => {
    const { machine, clock } = retryWorld();
    const stream = body(1, true);
    discard(given(stream), machine);
    await settled();
    stream.destroy(new Error('aborted'));
    await settled();
    expect(clock.pendingTimers).toBe(0);
  });

  test('that was read already is left as it is', async () => {
    const { machine, clock } = retryWorld();
    const stream = body(1);
    await stream.resume().toArray();
    discard(given(stream), machine);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is cancelled, if it is a web stream that nobody reads', async () => {
    const { machine } = retryWorld();
    let cancelled = 0;
    const stream = () => new ReadableStream({ cancel: () => void cancelled++ });
    const free = stream();
    const read = stream();
    read.getReader();
    discard(given({ body: free }), machine);
    discard(given({ body: read }), machine);
    await settled();
    expect(cancelled).toBe(1);
  });

  test('may be anything at all', () => {
    const { machine } = retryWorld();
    const throws = new Proxy(
      {},
      {
        get: () => {
          throw new Error('not now');
        },
      },
    );
    for (const result of [undefined, null, 'text', 5, { body: 'text' }, { data: { order: 7 } }, throws]) {
      expect(() => discard(given(result), machine)).not.toThrow();
    }
  });
});
