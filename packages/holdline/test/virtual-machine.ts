import type { Machine } from '../src/line/machine.js';
import { VirtualClock } from '../src/testing/clock.js';

/** A machine whose time moves when told, and of which a test states the rest. */
export interface TestMachine extends Machine {
  readonly clock: VirtualClock;
  /** How late the event loop runs: each timer that is set fires this much later than asked, in ms. */
  lateMs: number;
  /** Whether a timer was set that keeps the process alive. */
  keptAlive: boolean;
}

/** What the test does not state fails when it is asked for. */
export function testMachine(kernel: Partial<Machine> = {}): TestMachine {
  const clock = new VirtualClock();
  const machine: TestMachine = {
    clock,
    lateMs: 0,
    keptAlive: false,
    now: () => clock.now(),
    timer(ms, ref, run) {
      machine.keptAlive ||= ref;
      return clock.timer(ms + machine.lateMs, run);
    },
    afterTwoTurns: unexpected,
    heardUntil: unexpected,
    look: unexpected,
    sendQueue: unexpected,
    tellsSendQueue: true,
    park: unexpected,
    resetCame: unexpected,
    bytesHanded: unexpected,
    ...kernel,
  };
  return machine;
}

function unexpected(): never {
  throw new Error('the test did not expect that the machine would be asked for this');
}
