import { isDead } from './bracket.js';
import { type ConnectionListener, type Ground, ProbeConnection } from './connection.js';
import type { Role, Sample } from './observation.js';
import type { Plan } from './plan.js';

/** Apart, so that the connections do not measure one another, in ms: a TLS handshake keeps the process busy for longer. */
const STAGGER_MS = { plain: 3, tls: 8 };
/** How far past a limit that was seen the others are looked at again, and the probe ends: wall time stays within 1.05. */
const LOOK_AGAIN = 1.01;
/** The last one shows by being answered that it outlives the limit, so it must have done so clearly. */
const LOOK_AGAIN_LAST = 1.04;
const END = 1.02;

/** What a round needs besides the ground. */
export interface RoundOptions {
  readonly plan: Plan;
  readonly maxWaitMs: number;
  /** How long a reuse waits for its answer, in ms. */
  readonly answerWithinMs: number;
  /** Ends when this many reuses came to nothing though no server closed. */
  readonly deadEnough: number;
  readonly nextId: () => number;
  readonly opened: (connection: ProbeConnection) => void;
  readonly idle: (connection: ProbeConnection) => void;
  readonly settled: (sample: Sample) => void;
}

/** Holds the planned connections of one address at the same time, until it is known how they end. */
export class Round {
  readonly #ground: Ground;
  readonly #options: RoundOptions;
  readonly #connections: ProbeConnection[] = [];
  readonly #samples: Sample[] = [];
  readonly #cancels = new Set<() => void>();
  readonly #done: Promise<readonly Sample[]>;
  #resolve: (samples: readonly Sample[]) => void = () => {};
  #toOpen: number;
  #ended = false;
  #lookedAgainAt = 0;

  constructor(ground: Ground, options: RoundOptions) {
    this.#ground = ground;
    this.#options = options;
    this.#done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { watched, unused, reuseAfterMs } = options.plan;
    const openers = [
      ...Array.from({ length: watched }, () => () => this.#open('watched', options.maxWaitMs)),
      ...reuseAfterMs.map((afterMs) => () => this.#open('reused', afterMs)),
      ...Array.from({ length: unused }, () => () => this.#open('unused')),
    ];
    this.#toOpen = openers.length;
    const apartMs = ground.route.tls ? STAGGER_MS.tls : STAGGER_MS.plain;
    for (const [index, open] of openers.entries()) {
      this.#after(index * apartMs, () => {
        this.#toOpen--;
        open();
      });
    }
  }

  /** What the connections showed, once that is known or the round was stopped. */
  get done(): Promise<readonly Sample[]> {
    return this.#done;
  }

  /** Ends it now; what is still open says so. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cancel of this.#cancels) cancel();
    for (const connection of this.#connections) connection.stop();
    this.#resolve(this.#samples);
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#ground.clock.timer(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }

  #open(role: Role, reuseAfterMs?: number): void {
    const { nextId, opened, idle, answerWithinMs } = this.#options;
    const listener: ConnectionListener = {
      opened: () => {
        opened(connection);
        if (role === 'unused') this.#after(this.#options.maxWaitMs, () => connection.stop());
      },
      idle: () => {
        idle(connection);
        // From the last byte on, which may have come a little before this is told.
        if (reuseAfterMs !== undefined)
          this.#after(reuseAfterMs - connection.idleMs, () => connection.reuse(answerWithinMs));
      },
      settled: (sample) => this.#settled(sample),
    };
    const connection = new ProbeConnection(nextId(), role, this.#ground, listener);
    this.#connections.push(connection);
  }

  #settled(sample: Sample): void {
    this.#samples.push(sample);
    this.#options.settled(sample);
    if (this.#ended) return;
    const closed = this.#samples.flatMap(({ role, ending }) =>
      ending.kind === 'closed' && role !== 'unused' ? [ending.idleMs] : [],
    );
    const held = this.#connections.filter((one) => !one.isSettled && one.role !== 'unused');
    const limitMs = Math.max(0, ...closed);
    if (held.length === 0 && this.#toOpen === 0) return this.#endAfter(limitMs);
    if (closed.length === 0) return this.#confirmDeath(sample);
    // Others have shown that there is a longer limit: to be waited for.
    const outlived = this.#samples.some(({ ending }) => ending.kind === 'answered' && ending.idleMs > limitMs);
    if (isDead(sample) && !outlived) this.#giveUpLost(held, limitMs);
    else if (held.length === 1 && this.#toOpen === 0 && !outlived) this.#lookAgain(held, limitMs * LOOK_AGAIN_LAST);
    else if (closed.length >= held.length && this.#lookedAgainAt < limitMs) {
      this.#lookedAgainAt = limitMs * LOOK_AGAIN;
      const watchedLast = held.toSorted(
        (one, other) => Number(one.role === 'watched') - Number(other.role === 'watched'),
      );
      this.#lookAgain(watchedLast.slice(0, Math.ceil(held.length / 2)), this.#lookedAgainAt);
    }
  }

  /** A reuse came to nothing: one more tells whether that one was lost, or all are. */
  #confirmDeath(sample: Sample): void {
    if (!isDead(sample)) return;
    if (this.#samples.filter(isDead).length >= this.#options.deadEnough) return this.stop();
    this.#connections.find((one) => one.isIdle && one.role !== 'unused')?.reuse(this.#options.answerWithinMs);
  }

  /** Most were closed: the others belong to a server with a longer limit, or were lost in silence. A request tells. */
  #lookAgain(connections: readonly ProbeConnection[], atMs: number): void {
    for (const connection of connections)
      this.#after(atMs - connection.idleMs, () => connection.reuse(this.#options.answerWithinMs));
  }

  /** One was found dead, and none alive, after the others had closed: the rest tells whether it is lost, too. */
  #giveUpLost(held: readonly ProbeConnection[], limitMs: number): void {
    // What is to be expected is not waited for as long.
    const waitMs = this.#options.answerWithinMs / 4;
    for (const connection of held) if (connection.idleMs > limitMs) connection.reuse(waitMs);
  }

  /** All that can close has closed. A connection without a request is waited for a moment longer. */
  #endAfter(limitMs: number): void {
    const unused = this.#connections.find((one) => !one.isSettled);
    const leftMs = unused ? limitMs * END - unused.idleMs : 0;
    if (leftMs <= 0) this.stop();
    else this.#after(leftMs, () => this.stop());
  }
}
