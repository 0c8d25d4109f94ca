import { performance } from 'node:perf_hooks';
import { bytesHanded, look, resetCame } from './descriptor.js';
import type { Machine } from './machine.js';
import { park, sendQueue } from './send-queue.js';

// taken once, so that a test's fake timers, meant for the program, do not stop the Line
const { setTimeout, setImmediate, clearTimeout, clearImmediate, Date } = globalThis;

/** The machine that Node runs on. */
export const nodeMachine: Machine = {
  now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
  timer: (ms, ref, run) => {
    const timer = setTimeout(run, ms);
    if (!ref) timer.unref();
    return () => clearTimeout(timer);
  },
  afterTwoTurns: (run) => {
    let immediate = setImmediate(() => {
      immediate = setImmediate(run);
    });
    return () => clearImmediate(immediate);
  },
  look,
  sendQueue,
  tellsSendQueue: process.platform === 'linux',
  park,
  resetCame,
  bytesHanded,
};
