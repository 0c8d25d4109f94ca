import type { Server } from 'node:net';
import { reportLine } from '../server/drain-report.js';
import { type DrainReport, drain, type Hardened, type HttpServer } from '../server/index.js';
import type { DrainTimings } from './server-options.js';

const SIGNAL = 'SIGTERM';

/**
 * Drains the servers of a program that knows nothing of it, before the program gets its signal.
 *
 * Its own listeners run when nothing is left to be lost, and do then what they always did: close the servers, which are
 * closed, then the database, and end the process as they see fit. If it has none, the process ends with the exit code of
 * the report. A second signal goes to the program at once, and ends the process if it has no listener.
 */
export class Termination {
  #phase: 'serving' | 'draining' | 'over' = 'serving';
  readonly #servers = new Map<HttpServer, Hardened>();
  /**
   * Without any listener the signal would end the process before it could be seen. It is called only where there is nothing
   * to drain, or Node had looked up `emit` before it was replaced; the program's listeners have the signal already.
   */
  readonly #listener = () => {
    if (this.#phase !== 'serving' || process.listenerCount(SIGNAL) > 1) return;
    if (this.#ready.length > 0) void this.#drainFirst(() => {});
    else this.#handOver(() => {}, endAtOnce);
  };

  constructor(readonly timings: DrainTimings) {
    const { emit } = process;
    const hold = (event: string | symbol, ...args: unknown[]): boolean => {
      const deliver = () => Reflect.apply(emit, process, [event, ...args]) as boolean;
      if (event !== SIGNAL || this.#phase === 'over') return deliver();
      if (this.#phase === 'draining') this.#handOver(deliver, endAtOnce);
      else if (this.#ready.length === 0) return deliver();
      else void this.#drainFirst(deliver);
      return true;
    };
    process.emit = hold as typeof process.emit;
  }

  /** The server listens. */
  serves(server: HttpServer, hardened: Hardened): void {
    if (this.#servers.size === 0) process.on(SIGNAL, this.#listener);
    this.#servers.set(server, hardened);
    server.once('close', () => {
      this.#servers.delete(server);
      if (this.#servers.size === 0 && this.#phase === 'serving') process.off(SIGNAL, this.#listener);
    });
  }

  /** Those that the program does not drain itself. */
  get #ready(): [HttpServer, Hardened][] {
    return Array.from(this.#servers).filter(([, { ready }]) => ready);
  }

  async #drainFirst(deliver: () => void): Promise<void> {
    this.#phase = 'draining';
    const servers = this.#ready;
    for (const [server] of servers) letCloseAgain(server as Server);
    const report = await drain({ ...this.timings, servers: servers.map(([, hardened]) => hardened), exit: false });
    if (report.exitCode !== 0) await warn(report);
    if (this.#phase === 'draining') this.#handOver(deliver, () => process.exit(report.exitCode));
  }

  /** @param orElse - What ends a process that has no listener of its own. */
  #handOver(deliver: () => void, orElse: () => void): void {
    this.#phase = 'over';
    process.off(SIGNAL, this.#listener);
    if (process.listenerCount(SIGNAL) > 0) deliver();
    else orElse();
  }
}

function endAtOnce(): void {
  process.kill(process.pid, SIGNAL);
}

/** That the drain has closed a server must be no error to a program that closes it then. */
function letCloseAgain(server: Server): void {
  const { close } = server;
  let closed = false;
  server.once('close', () => (closed = true));
  server.close = function (done) {
    if (this.listening || !done) return close.call(this, done);
    if (!closed) return close.call(this.once('close', () => done()));
    process.nextTick(done);
    return this;
  };
}

function warn(report: DrainReport): Promise<void> {
  process.emitWarning(reportLine(report), { type: 'HoldlineWarning', code: 'HOLDLINE_CUT' });
  return new Promise((resolve) => setImmediate(resolve)); // it is told in the next tick
}
