import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import { type Cancel, type Look, type Machine, NEVER } from '../line/machine.js';
import type { SendQueue } from '../policy/evidence.js';
import type { Instant } from '../policy/idle-time.js';
import { settled, VirtualClock } from './clock.js';
import { MemorySocket } from './socket.js';

/**
 * The machine that a Line runs on in a test: its clocks, its kernel and its event loop move only when told.
 *
 * @example
 * const machine = new VirtualMachine();
 * const agent = new VirtualAgent(new MemoryNetwork(machine));
 * machine.clock.suspend(3_600_000); // the laptop slept for an hour
 */
export class VirtualMachine implements Machine {
  readonly clock = new VirtualClock();
  tellsSendQueue = true;
  readonly #sockets = new Set<MemorySocket>();
  #nextTurn: (() => void)[] = [];
  #closings: (() => void)[] = [];

  now(): Instant {
    return this.clock.now();
  }

  timer(ms: number, _ref: boolean, run: () => void): Cancel {
    return this.clock.timer(ms, run);
  }

  afterTwoTurns(run: () => void): Cancel {
    let isDue = true;
    const inContext = AsyncResource.bind(run);
    this.#nextTurn.push(() => this.#nextTurn.push(() => isDue && inContext()));
    return () => {
      isDue = false;
    };
  }

  /** Nothing is taken for told, so that each connection is looked at. */
  heardUntil(): Instant {
    return NEVER;
  }

  look(socket: Duplex): Look {
    if (!(socket instanceof MemorySocket) || !socket.hasDescriptor) return 'unknown';
    const found = socket.tcp.read(1);
    if (found === 'nothing') return 'alive';
    if (found === 'end') return 'closed';
    return found === 'reset' ? 'reset' : 'bytes';
  }

  park(): void {}

  sendQueue(socket: Duplex): SendQueue | undefined {
    if (!(socket instanceof MemorySocket) || !socket.hasDescriptor || socket.tcp.wasReset) return undefined;
    const { finReceived, unacknowledgedBytes } = socket.tcp;
    return { finReceived, unacknowledgedBytes: unacknowledgedBytes + socket.bytesQueued };
  }

  resetCame(socket: Duplex): boolean {
    return socket instanceof MemorySocket && socket.hasDescriptor && socket.tcp.wasReset;
  }

  bytesHanded(socket: Duplex): number {
    return socket instanceof MemorySocket && socket.hasDescriptor ? socket.bytesHanded : 0;
  }

  /** Whether a turn of the loop would do anything. */
  get hasWork(): boolean {
    return this.#nextTurn.length > 0 || this.#closings.length > 0 || this.#readable.length > 0;
  }

  /**
   * One turn of the event loop, beginning after it has polled: what waited for a turn, what closes, then each socket
   * reads once.
   */
  async turn(): Promise<void> {
    const due = this.#nextTurn;
    this.#nextTurn = [];
    for (const run of due) run();
    if (due.length > 0) await settled();
    const closings = this.#closings;
    this.#closings = [];
    for (const close of closings) close();
    if (closings.length > 0) await settled();
    for (const socket of this.#readable) {
      socket.poll();
      await settled();
    }
  }

  /** @internal A socket that the loop polls. */
  watch(socket: MemorySocket): void {
    this.#sockets.add(socket);
  }

  /** @internal Tells that a socket has closed at the end of this turn, as Node does. */
  closes(socket: MemorySocket, tell: () => void): void {
    this.#sockets.delete(socket);
    this.#closings.push(tell);
  }

  /** Sockets of this machine that were not destroyed. */
  get openSockets(): readonly MemorySocket[] {
    return [...this.#sockets];
  }

  get #readable(): readonly MemorySocket[] {
    return [...this.#sockets].filter((socket) => socket.wantsPoll);
  }
}
