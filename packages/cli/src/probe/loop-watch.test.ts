import { VirtualClock } from 'holdline/testing';
import { expect, test } from 'vitest';
import { LoopWatch } from './loop-watch.js';

function watched() {
  const gaps: number[] = [];
  const clock = new VirtualClock();
  const watch = new LoopWatch(clock, (gapMs) => gaps.push(Math.round(gapMs)));
  return { clock, watch, gaps };
}

test('while the loop turns in time, nothing is in doubt', async () => {
  const { clock, watch, gaps } = watched();
  await clock.advance(500);
  expect([watch.doubtMs(), watch.lagMs(), gaps]).toEqual([0, 0, []]);
});

test('a machine that slept is noticed, for only its wall clock went on', async () => {
  const { clock, gaps } = watched();
  await clock.advance(100);
  clock.suspend(60_000);
  await clock.advance(100);
  expect(gaps).toEqual([60_000]);
});

test('a wall clock that was set back is no sleep', async () => {
  const { clock, gaps } = watched();
  await clock.advance(100);
  clock.setWall(clock.now().wallMs - 3_600_000);
  await clock.advance(100);
  expect(gaps).toEqual([]);
});

test('what comes during a stall is in doubt by its length, until the loop turns in time again', () => {
  let nowMs = 0;
  let due = () => {};
  const clock = {
    now: () => ({ monotonicMs: nowMs, wallMs: nowMs }),
    timer: (_: number, run: () => void) => {
      due = run;
      return () => {};
    },
  };
  const turn = (atMs: number) => {
    nowMs = atMs;
    due();
  };
  const watch = new LoopWatch(clock, () => {});
  turn(10);
  nowMs = 90; // the loop is busy, and has not looked since 10
  expect(watch.doubtMs()).toBe(80);
  turn(90);
  expect(watch.doubtMs()).toBe(80);
  turn(100);
  expect(watch.doubtMs()).toBe(0);
});
