import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../random.js';
import type { WorkloadSettings } from '../roles.js';
import { type WorkloadId, workloads } from './index.js';

const settings: WorkloadSettings = {
  callers: 12,
  durationMs: 20_000,
  maxRequests: 5_000,
  mix: { GET: 0.4, POST: 0.3, 'keyed POST': 0.3 },
  idleLimitMs: 1_500,
  roundTripMs: 10,
};

const streams =
  (seed: number) =>
  (stream: number): Random =>
    seededRandom(seed, stream);

function draw(
  id: WorkloadId,
  given: object = id === 'recorded' ? { gapsMs: [10, 200, 3_000] } : {},
  seed = 1,
  change = {},
) {
  const workload = workloads[id];
  const options = v.parse(workload.options as v.GenericSchema, given) as never;
  return workload.draw(options, { ...settings, ...change }, streams(seed));
}

const gaps = (callers: ReturnType<typeof draw>) =>
  callers.flatMap(({ steps }) => steps.slice(1).map(({ gapMs }) => gapMs));

for (const id of Object.keys(workloads) as WorkloadId[]) {
  test(`${id}: the same seed gives the same requests, another one others`, () => {
    expect(draw(id)).toEqual(draw(id));
    expect(draw(id, undefined, 2)).not.toEqual(draw(id));
  });

  test(`${id}: holds its bounds in count and time, and the mix`, () => {
    const callers = draw(id);
    const steps = callers.flatMap((caller) => caller.steps);
    for (const caller of callers) {
      const lastMs = caller.steps.reduce((atMs, { gapMs }) => atMs + gapMs, caller.startMs);
      expect(lastMs).toBeLessThanOrEqual(settings.durationMs);
    }
    expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
    const gets = steps.filter(({ kind }) => kind === 'GET');
    expect(gets.every(({ bodyBytes }) => bodyBytes === 0)).toBe(true);
    expect(gets.length / steps.length).toBeGreaterThan(0.2);
    expect(gets.length / steps.length).toBeLessThan(0.6);
    const bounded = draw(id, undefined, 1, { maxRequests: 31 });
    expect(bounded.flatMap((caller) => caller.steps).length).toBe(31);
  });
}

test('steady pauses are all equal, poisson ones have the mean that was asked for', () => {
  expect(new Set(gaps(draw('steady', { everyMs: 70 })))).toEqual(new Set([70]));
  const drawn = gaps(draw('poisson', { meanMs: 50 }));
  const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length;
  expect(mean).toBeGreaterThan(45);
  expect(mean).toBeLessThan(55);
});

test('periodic pauses stay within their jitter, and recorded ones are those that were recorded', () => {
  for (const gap of gaps(draw('periodic', { everyMs: 500, jitterMs: 20 })))
    expect(Math.abs(gap - 500)).toBeLessThanOrEqual(20);
  expect(new Set(gaps(draw('recorded')))).toEqual(new Set([10, 200, 3_000]));
});

test('a burst is as long as asked for, and followed by a pause', () => {
  const [caller] = draw('bursts', { size: 3, withinMs: 5, pauseMs: 400 });
  const long = caller?.steps.map(({ gapMs }) => gapMs >= 200);
  expect(long?.slice(0, 7)).toEqual([false, false, false, true, false, false, true]);
});

test('aimed pauses lie about the idle limit, and without one the workload says what it needs', () => {
  const near = gaps(draw('aimed')).filter((gap) => gap > 1_485 - 1 && gap < 1_505 + 1);
  expect(near.length).toBeGreaterThan(20);
  const { idleLimitMs: _none, ...without } = settings;
  const options = v.parse(workloads.aimed.options, {});
  expect(() => workloads.aimed.draw(options, without, streams(1))).toThrow(/needs an idle limit/);
});
