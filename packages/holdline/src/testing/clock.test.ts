import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.js';

describe('a virtual clock', () => {
  it('runs timers at their time and in order, also those that a timer sets', async () => {
    const clock = new VirtualClock();
    const start = clock.now().monotonicMs;
    const ran: [string, number][] = [];
    const note = (name: string) => ran.push([name, clock.now().monotonicMs - start]);
    clock.timer(20, () => note('late'));
    clock.timer(10, () => {
      note('early');
      clock.timer(5, () => note('nested'));
    });
    await clock.advance(100);
    expect(ran).toEqual([
      ['early', 10],
      ['nested', 15],
      ['late', 20],
    ]);
    expect(clock.now().monotonicMs - start).toBe(100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not run a timer that was ended, nor one that is not due', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.timer(10, () => ran.push('ended'))();
    clock.timer(11, () => ran.push('not due'));
    await clock.advance(10);
    expect(ran).toEqual([]);
    expect(clock.nextTimerMs).toBe(1);
  });

  it('a suspended machine sees only wall time pass', async () => {
    const clock = new VirtualClock();
    const before = clock.now();
    clock.suspend(3_600_000);
    expect(clock.now()).toEqual({ monotonicMs: before.monotonicMs, wallMs: before.wallMs + 3_600_000 });
    clock.setWall(before.wallMs - 1_000);
    await clock.advance(10);
    expect(clock.now()).toEqual({ monotonicMs: before.monotonicMs + 10, wallMs: before.wallMs - 990 });
  });
});
