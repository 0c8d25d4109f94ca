import net from 'node:net';
import { closeDueMs } from '../policy/drain.js';
import type { Connection } from './connection.js';
import type { CutDuring } from './drain-report.js';
import type { DrainObserver, HardenedServer } from './hardened-server.js';

/** Connections that are due within this time are closed together. */
const TOGETHER_MS = 20;

/** How one server's part of a drain goes. */
export interface ServerDrainOptions {
  /** How long a connection is left alone after its last response, in ms. */
  readonly idleMs: number;
}

/** The drain of one server: what ends when, and who ended it. */
export class ServerDrain implements DrainObserver {
  readonly closed = { byClient: 0, afterResponse: 0, afterIdle: 0 };
  readonly cut: Partial<Record<CutDuring, number>> = {};
  requestsServed = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #done: (() => void) | undefined;
  #isCutting = false;
  readonly #lateBefore: number;

  constructor(
    readonly server: HardenedServer,
    readonly options: ServerDrainOptions,
  ) {
    this.#lateBefore = server.counts().lateRequestsSaved;
    server.ready = false;
    server.observer = this;
  }

  get lateRequestsSaved(): number {
    return this.server.counts().lateRequestsSaved - this.#lateBefore;
  }

  /** From here on each response is the last one of its connection. */
  mark(): void {
    this.server.mark();
  }

  /**
   * Accepts no more connections. Node's `close` of an HTTP server would destroy the idle ones too, and stop looking for
   * slow heads; that of the server below it does neither.
   */
  stopAccepting(): void {
    const { server, sessions } = this.server;
    if (server.listening) net.Server.prototype.close.call(server);
    for (const session of sessions) session.close();
  }

  /** Resolves when no connection is left. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      if (this.server.openCount === 0) resolve();
      else this.#sweep();
    });
  }

  /** Cuts what is left. */
  cutRest(): void {
    this.#isCutting = true;
    for (const connection of this.server.connections) this.#count(duringOf(connection));
    this.#count('http2', this.server.sessions.size);
    this.#count('handshake', this.server.handshakes);
    this.server.destroyAll();
  }

  /** What was kept for the drain alone. */
  release(): void {
    clearTimeout(this.#timer);
    this.server.observer = undefined;
  }

  served(requests: number): void {
    this.requestsServed += requests;
  }

  idle(connection: Connection): void {
    if (this.#done) this.#wakeAt(closeDueMs(connection, this.options.idleMs));
  }

  gone({ endedFor }: Connection): void {
    if (this.#isCutting) return;
    if (endedFor === undefined) this.closed.byClient++;
    else if (endedFor === 'response') this.closed.afterResponse++;
    else this.closed.afterIdle++;
  }

  empty(): void {
    this.#done?.();
  }

  /** Closes what is due, and comes again for the rest. */
  #sweep(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const connection of this.server.connections) {
      if (!connection.isIdle) continue;
      const dueMs = closeDueMs(connection, this.options.idleMs);
      if (dueMs <= nowMs) this.server.close(connection, connection.isSilent ? 'silent' : 'idle');
      else nextMs = Math.min(nextMs, dueMs);
    }
    this.#wakeAt(nextMs);
  }

  #wakeAt(dueMs: number): void {
    if (dueMs >= this.#timerDueMs || dueMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => this.#sweep(), dueMs - performance.now() + TOGETHER_MS);
  }

  #count(during: CutDuring | undefined, count = 1): void {
    if (during !== undefined && count > 0) this.cut[during] = (this.cut[during] ?? 0) + count;
  }
}

/** What is cut with a connection, if anything: one that lingers has had all its answers. */
function duringOf(connection: Connection): CutDuring | undefined {
  if (connection.phase === 'lingering') return undefined;
  if (connection.upgraded) return 'upgraded';
  if (!connection.isAnswering) return 'idle';
  return connection.response?.headersSent ? 'response' : 'request';
}
