import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { settled } from '../testing/clock.js';
import { RecordedStream, type StreamSource, sourceOf } from './recorded-stream.js';

/** A stream whose parts come when they are asked for, and that knows how often it was, and whether it was closed. */
function lazy(...parts: string[]) {
  const told = { asked: 0, closed: false };
  const source = (async function* () {
    try {
      for (const part of parts) {
        told.asked++;
        yield part;
      }
    } finally {
      told.closed = true;
    }
  })();
  return { told, source };
}

const recorded = (source: StreamSource, maxBytes = 1_000) => new RecordedStream(sourceOf(source), maxBytes);
const all = async (read: AsyncIterable<unknown>) => (await Readable.from(read).toArray()).join('');

describe('a stream that is kept', () => {
  const sources: Readonly<Record<string, () => StreamSource>> = {
    'of Node': () => Readable.from(['one', 'two']),
    'of the web': () => ReadableStream.from(['one', 'two']),
    'an async generator': () => lazy('one', 'two').source,
    'a generator': () => ['one', 'two'].values(),
  };
  for (const [kind, make] of Object.entries(sources)) {
    test(`is the same the second time: ${kind}`, async () => {
      const stream = recorded(make());
      expect([await all(stream.read()), await all(stream.read()), stream.state]).toEqual(['onetwo', 'onetwo', 'kept']);
    });
  }

  test('is read no faster than by its reader', async () => {
    const { source, told } = lazy('one', 'two', 'three');
    const read = recorded(source).read();
    expect(told.asked).toBe(0);
    await read.next();
    await settled();
    expect(told.asked).toBe(1);
  });

  test('goes on where the first reader left it', async () => {
    const { source, told } = lazy('one', 'two', 'three');
    const stream = recorded(source);
    const first = stream.read();
    await first.next();
    await first.return();
    expect(await all(stream.read())).toBe('onetwothree');
    expect(told.asked).toBe(3);
  });

  test('loses nothing to a reader that still waits though its attempt has failed', async () => {
    let give: ((chunk: string) => void) | undefined;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<string>>((resolve) => {
            give = (value) => resolve(value === 'end' ? { done: true, value: undefined } : { done: false, value });
          }),
      }),
    };
    const stream = recorded(source);
    const stale = stream.read().next();
    const over = stale.catch((error: Error) => error.message);
    const chunks = all(stream.read());
    for (const part of ['one', 'two', 'end']) {
      await settled();
      give?.(part);
    }
    expect(await chunks).toBe('onetwo');
    expect(await over).toBe('Holdline: the attempt whose body this is is over');
  });
});

describe('a stream that is too large', () => {
  test('is read to its end, and not kept', async () => {
    const stream = recorded(lazy('12345', '67890', 'x').source, 9);
    expect([await all(stream.read()), stream.state]).toEqual(['1234567890x', 'dropped']);
  });

  test('of just the bound is kept; bytes count, not characters', async () => {
    const just = recorded(lazy('ä', 'b').source, 3);
    const more = recorded(lazy('ä', 'bc').source, 3);
    await all(just.read());
    await all(more.read());
    expect([just.state, more.state]).toEqual(['kept', 'dropped']);
  });

  test('misses nothing if it becomes so while what was kept is read again', async () => {
    const stream = recorded(lazy('12345', '6789', 'abc', 'd').source, 9);
    const first = stream.read();
    await first.next();
    await first.next();
    await first.return();
    expect([await all(stream.read()), stream.state]).toEqual(['123456789abcd', 'dropped']);
  });
});

describe('when there will be no other attempt', () => {
  test('the stream of one that failed is closed, as the client would have', async () => {
    const { source, told } = lazy('one', 'two');
    const stream = recorded(source);
    const read = stream.read();
    await read.next();
    stream.finish(true);
    await settled();
    expect(told.closed).toBe(true);
    await expect(read.next()).rejects.toThrow('is over'); // an end would be taken for the end of the body
  });

  test('one that was answered early goes on being sent', async () => {
    const { source, told } = lazy('one', 'two', 'three');
    const stream = recorded(source);
    const read = stream.read();
    await read.next();
    stream.finish(false);
    expect([told.closed, await all(read), told.closed]).toEqual([false, 'twothree', true]);
  });

  test('and is closed if the client then wants no more of it, or did not before', async () => {
    for (const early of [true, false]) {
      const { source, told } = lazy('one', 'two', 'three');
      const stream = recorded(source);
      const read = stream.read();
      await read.next();
      if (early) await read.return();
      stream.finish(false);
      if (!early) await read.return();
      await settled();
      expect(told.closed).toBe(true);
    }
  });
});

test('a stream that fails fails its reader, and cannot be sent again; nor is that an error of the program', async () => {
  const error = new Error('the disk');
  const untouched = new Readable({ read() {} });
  const stream = recorded(untouched);
  untouched.destroy(error);
  await settled();
  await expect(all(stream.read())).rejects.toBe(error);
  expect(stream.state).toBe('failed');
  const midway = recorded(
    (async function* () {
      yield 'one';
      throw error;
    })(),
  );
  await expect(all(midway.read())).rejects.toBe(error);
  expect(midway.state).toBe('failed');
});
