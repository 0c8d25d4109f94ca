import type { Fault } from '../roles.js';
import { closeAnytime } from './close-anytime.js';
import { crashes } from './crash.js';
import { delay } from './delay.js';
import { earlyResponse } from './early-response.js';
import { halfOpen } from './half-open.js';
import { idleClose408 } from './idle-close-408.js';
import { idleCloseFin } from './idle-close-fin.js';
import { idleCloseReset } from './idle-close-reset.js';
import { jitter } from './jitter.js';
import { maxRequests, maxRequestsSilent } from './max-requests.js';
import { none } from './none.js';
import { reorder } from './reorder.js';
import { restart } from './restart.js';
import { serverIdleClose } from './server-idle-close.js';
import { sigstop } from './sigstop.js';
import { silentDrop } from './silent-drop.js';
import { slowClose } from './slow-close.js';
import { splitAnswer } from './split-answer.js';
import { stallA } from './stall-a.js';
import { stallB } from './stall-b.js';

/** All faults of the lab, in the order in which tables show them. */
export const faults: readonly Fault[] = [
  none,
  idleCloseFin,
  idleCloseReset,
  idleClose408,
  serverIdleClose,
  closeAnytime,
  restart,
  ...crashes,
  sigstop,
  stallB,
  stallA,
  silentDrop,
  halfOpen,
  slowClose,
  earlyResponse,
  maxRequests,
  maxRequestsSilent,
  splitAnswer,
  delay,
  jitter,
  reorder,
];
