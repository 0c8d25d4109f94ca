import { EventEmitter } from 'node:events';
import { VirtualClock } from 'holdline/testing';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../random.js';
import type { LinkRules } from '../roles.js';
import { type Deed, type End, Passage, type Segment } from './passage.js';
import { findCrossings } from './trace.js';

/** One side's socket; what the passage does to it is noted with its time. */
class MemoryEnd extends EventEmitter implements End {
  readonly got: [atMs: number, what: string][] = [];
  paused = false;
  /** Whether what is written is taken at once, or stays under way. */
  takes = true;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    super();
    this.#nowMs = nowMs;
  }

  send(text: string): void {
    this.emit('data', Buffer.from(text));
  }

  write(bytes: Buffer, taken: () => void): void {
    this.#note(bytes.toString());
    if (this.takes) taken();
  }

  end(): void {
    this.#note('FIN');
  }

  destroy(): void {
    this.#note('gone');
  }

  resetAndDestroy(): void {
    this.#note('RST');
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  #note(what: string): void {
    this.got.push([this.#nowMs(), what]);
  }
}

function open(rules: LinkRules) {
  const clock = new VirtualClock();
  const beganMs = clock.now().monotonicMs;
  const nowMs = () => clock.now().monotonicMs - beganMs;
  const [a, b] = [new MemoryEnd(nowMs), new MemoryEnd(nowMs)];
  const segments: Segment[] = [];
  const deeds: Deed[] = [];
  const timing = { nowMs, timer: (ms: number, run: () => void) => clock.timer(ms, run) };
  const passage = new Passage({
    ...{ a, b, rules, timing },
    random: seededRandom(1),
    onSegment: (segment) => segments.push(segment),
    onDeed: (deed) => deeds.push(deed),
  });
  const crossings = () => findCrossings(segments.map((segment) => ({ ...segment, aPort: 1, bPort: 2 }))).length;
  return { passage, a, b, segments, deeds, crossings, pass: (ms: number) => clock.advance(ms) };
}

/** A request and its answer, at a link that delays by 10 ms: the connection is idle at B from 30 ms on. */
async function oneRequest(rules: LinkRules) {
  const link = open({ delayMs: 10, ...rules });
  await link.pass(20);
  link.a.send('request');
  await link.pass(10);
  link.b.send('answer');
  return link;
}

describe('a passage', () => {
  test('carries bytes and ends late, both ways, and nothing before the handshake is over', async () => {
    const { a, b, pass } = open({ delayMs: 10 });
    a.send('early');
    await pass(30);
    expect(b.got).toEqual([[30, 'early']]);
    b.send('answer');
    b.emit('end');
    a.emit('end');
    await pass(10);
    expect(a.got).toEqual([
      [40, 'answer'],
      [40, 'FIN'],
    ]);
    expect(b.got.at(-1)).toEqual([40, 'FIN']);
  });

  test('adds no time of its own where there is no delay', () => {
    const { a, b } = open({});
    a.send('request');
    b.send('answer');
    expect([a.got, b.got]).toEqual([[[0, 'answer']], [[0, 'request']]]);
  });

  test('keeps the order under jitter', async () => {
    const { b, a, pass } = open({ jitterMs: 50 });
    for (let index = 0; index < 20; index++) a.send(String(index));
    await pass(100);
    expect(b.got.map(([, what]) => what)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(new Set(b.got.map(([atMs]) => atMs)).size).toBeGreaterThan(1);
  });

  test.each([
    ['fin', ['FIN']],
    ['reset', ['RST']],
    ['408', [expect.stringContaining('408 Request Timeout'), 'FIN']],
  ] as const)('closes an idle connection for B: %s', async (closeBy, ends) => {
    const { a, b, deeds, pass } = await oneRequest({ closeIdleMs: 100, closeBy });
    await pass(99);
    expect(b.got.map(([, what]) => what)).toEqual(['request']);
    await pass(1);
    expect(b.got.at(-1)).toEqual([130, 'gone']);
    expect(deeds).toEqual([{ what: 'idle-close', atMs: 130, idleMs: 100 }]);
    await pass(10);
    expect(a.got.slice(1)).toEqual(ends.map((what) => [140, what]));
  });

  test('a request that left before the close arrived meets it: a RST, and a crossing', async () => {
    const { a, b, deeds, crossings, pass } = await oneRequest({ closeIdleMs: 100 });
    await pass(105);
    a.send('crosses');
    await pass(50);
    expect(a.got.slice(1)).toEqual([
      [140, 'FIN'],
      [155, 'RST'],
    ]);
    expect(b.got.map(([, what]) => what)).not.toContain('crosses');
    expect(deeds.at(-1)).toEqual({ what: 'met-close', atMs: 145, bytes: 7, afterMs: 15, crossing: true });
    expect(crossings()).toBe(1);
  });

  test('a request that left after the close arrived is no crossing', async () => {
    const { a, deeds, crossings, pass } = await oneRequest({ closeIdleMs: 100 });
    await pass(115);
    a.send('too late');
    await pass(50);
    expect(deeds.at(-1)).toMatchObject({ what: 'met-close', crossing: false });
    expect(crossings()).toBe(0);
  });

  test('a request in time keeps the connection open, and so does a slow answer', async () => {
    const { a, b, deeds, pass } = await oneRequest({ closeIdleMs: 100 });
    await pass(85);
    a.send('in time');
    await pass(500);
    b.send('slow answer');
    await pass(90);
    expect(deeds).toEqual([]);
    expect(a.got.at(-1)?.[1]).toBe('slow answer');
  });

  test('B closes by itself: what crosses is told, and is for B to refuse', async () => {
    const { a, b, deeds, crossings, pass } = await oneRequest({});
    await pass(50);
    b.emit('end');
    a.send('crosses');
    await pass(10);
    expect(b.got.at(-1)).toEqual([90, 'crosses']);
    b.emit('error');
    await pass(10);
    expect(a.got.slice(1)).toEqual([
      [90, 'FIN'],
      [100, 'RST'],
    ]);
    expect(deeds).toEqual([
      { what: 'b-close', atMs: 80, by: 'fin', idleMs: 50 },
      { what: 'met-close', atMs: 90, bytes: 7, afterMs: 10, crossing: true },
    ]);
    expect(crossings()).toBe(1);
  });

  test('a half-closed connection takes what comes, and neither executes nor refuses it', async () => {
    const { a, b, pass } = await oneRequest({ halfCloseIdleMs: 100 });
    await pass(200);
    a.send('into the void');
    await pass(1_000);
    expect(a.got.map(([, what]) => what)).toEqual(['answer', 'FIN']);
    expect(b.got.map(([, what]) => what)).toEqual(['request', 'gone']);
  });

  test('a forgotten connection loses everything, ends too, in both directions', async () => {
    const { a, b, segments, deeds, pass } = await oneRequest({ dropIdleMs: 100 });
    await pass(200);
    a.send('lost');
    b.send('lost too');
    a.emit('end');
    b.emit('end');
    await pass(1_000);
    expect(a.got.map(([, what]) => what)).toEqual(['answer']);
    expect(b.got.map(([, what]) => what)).toEqual(['request', 'gone']);
    await pass(60_000);
    expect(a.got.at(-1)?.[1]).toBe('gone');
    expect(deeds.map(({ what }) => what)).toEqual(['forget', 'drop', 'drop']);
    expect(segments.filter(({ dropped }) => dropped)).toHaveLength(4);
  });

  test('a late FIN is overtaken by the RST that follows it', async () => {
    const { a, pass } = await oneRequest({ closeIdleMs: 100, delayFinMs: 40 });
    await pass(105);
    a.send('crosses');
    await pass(100);
    expect(a.got.slice(1)).toEqual([
      [155, 'RST'],
      [180, 'FIN'],
    ]);
  });

  test('each answer is cut at the same byte, whatever pieces it comes in', async () => {
    const { a, b, pass } = open({ splitAt: 3, splitPauseMs: 20 });
    a.send('one');
    b.send('ab');
    b.send('cdef');
    await pass(30);
    a.send('two');
    b.send('ABCDEF');
    await pass(30);
    expect(a.got).toEqual([
      [0, 'ab'],
      [0, 'c'],
      [20, 'def'],
      [30, 'ABC'],
      [50, 'DEF'],
    ]);
  });

  test('a connection ends, unannounced, after its last request is answered', async () => {
    const { a, b, deeds, pass } = open({ maxRequests: 2 });
    for (const text of ['one', 'two']) {
      a.send(text);
      b.send('part, ');
      await pass(5);
      b.send('and part');
      await pass(15);
    }
    expect(deeds).toEqual([]);
    await pass(10);
    expect(deeds).toMatchObject([{ what: 'last-request-close' }]);
    expect(a.got.at(-1)?.[1]).toBe('FIN');
  });

  test('too much under way makes the sender wait, until the receiver takes it', () => {
    const { a, b } = open({});
    b.takes = false;
    a.send('x'.repeat(1 << 20));
    expect(a.paused).toBe(false);
    a.send('y');
    expect(a.paused).toBe(true);
  });

  test('a B that cannot be reached is a RST, and no crossing', async () => {
    const { passage, a, crossings, pass } = open({ delayMs: 10 });
    a.send('request');
    passage.refuse();
    await pass(50);
    expect(a.got.map(([, what]) => what)).toEqual(['RST']);
    expect(crossings()).toBe(0);
  });
});
