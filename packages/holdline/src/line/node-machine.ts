import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import type { Instant } from '../policy/idle-time.js';
import { bytesHanded, look, resetCame } from './descriptor.js';
import { type Machine, NEVER } from './machine.js';
import { park, sendQueue } from './send-queue.js';

// Taken once, so that a test's fake timers, meant for the program, do not stop the Line; and from the module, for the
// global ones may be fake already (Jest's `fakeTimers.enableGlobally`).
const { setTimeout, setImmediate, clearTimeout, clearImmediate } = timers;
const { Date } = globalThis;

const now = (): Instant => ({ monotonicMs: performance.now(), wallMs: Date.now() });

let heard = NEVER;
let turned = NEVER;
let isTurning = false;

/**
 * An immediate runs when all that the loop has polled in its turn was told. What came before the immediate of an earlier
 * turn was there to be polled in this one.
 */
function heardUntil(): Instant {
  if (!isTurning) {
    isTurning = true;
    setImmediate(() => {
      isTurning = false;
      heard = turned;
      turned = now();
    }).unref();
  }
  return heard;
}

/** The machine that Node runs on. */
export const nodeMachine: Machine = {
  now,
  heardUntil,
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
