// A's hold on B, which is in a thread of its own.
import { Worker } from 'node:worker_threads';

const CLOSES_WITHIN_MS = 5_000;
const ROUNDS = 4;

export class B {
  #worker = new Worker(new URL('server.mjs', import.meta.url), { execArgv: [] });
  #waiting = new Map();
  #asked = 0;

  constructor() {
    this.#worker.on('message', ({ id, answer, port, event, round }) => {
      if (round !== undefined) return this.#goRound(round, ROUNDS);
      const key = port === undefined ? id : `${port} ${event}`;
      this.#waiting.get(key)?.(answer);
      this.#waiting.delete(key);
    });
    this.#worker.on('error', (error) => {
      process.stderr.write(`B: ${error.stack}\n`);
      process.exit(1);
    });
  }

  ask(order, rest) {
    const id = this.#asked++;
    this.#worker.postMessage({ id, order, ...rest });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The loop has polled for I/O between two immediates. */
  #goRound(round, left) {
    if (left === 0) this.#worker.postMessage({ round });
    else setImmediate(() => this.#goRound(round, left - 1));
  }

  /** The next time that something happens at a port. */
  once(port, event, listener) {
    this.#waiting.set(`${port} ${event}`, listener);
  }

  /** Has B close what is idle at a port. `standsStill`: so that A's event loop does not hear of it before it goes on. */
  closeIdle(port, how, standsStill) {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const done = this.ask('closeIdle', { port, how, flag });
    if (standsStill && Atomics.wait(flag, 0, 0, CLOSES_WITHIN_MS) === 'timed-out') throw new Error('B did not close');
    return done;
  }

  end() {
    return this.#worker.terminate();
  }
}
