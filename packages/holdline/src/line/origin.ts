import type { Duplex } from 'node:stream';
import type { LetGoReason } from '../events/channels.js';
import { type Budget, canSpend, deposit, fullBudget, refill, spend } from '../policy/budget.js';
import { LIKELY_CLOSED_AFTER_MS } from '../policy/checkout.js';
import { type IdleLimit, idleCutoffMs, idleLimit, marginMs } from '../policy/cutoff.js';
import type { Instant } from '../policy/idle-time.js';
import type { KeepAliveHint } from '../policy/keep-alive-header.js';
import type { ReplayLeave } from '../policy/verdict.js';
import type { Counts } from './counts.js';
import type { Cancel, Machine } from './machine.js';
import type { Mode, OriginOptions, Settings } from './options.js';

/** What an origin needs of its Lines. */
export interface Idler {
  /** The idle time in ms, or `undefined` while a request holds the Line. */
  idleMs(now: Instant): number | undefined;
  /** The `Keep-Alive` that the Line's own connection was told. */
  readonly hint: KeepAliveHint;
  letGo(reason: LetGoReason): void;
  /** Its TCP socket, the first time that it is asked for since it was opened. */
  toPark(): Duplex | undefined;
}

/** What an origin knows of the idle time of a connection; all in ms. */
export interface Knowledge {
  readonly limit: IdleLimit;
  readonly marginMs: number;
  readonly cutoffMs: number;
}

/** The sweep may be this much of the cutoff late: a request that comes first goes by the clock, not by the sweep. */
const SWEEP_SLACK = 1 / 20;
const SHORTEST_SWEEP_MS = 10;

/** What is known of one origin, and the Lines that lead there. */
export class Origin {
  readonly #lines = new Set<Idler>();
  #budget: Budget;
  /** Requests since the budget was last looked at. */
  #undeposited = 0;
  #wantsEvidence = false;
  #rttMs = 0;
  #lagMs = 0;
  #hint: KeepAliveHint = {};
  #ownMode: Mode | undefined;
  #knowledge: (Knowledge & { readonly timeoutMs: number | undefined; readonly toldMs: number | undefined }) | undefined;
  /** The latest moment since which a connection had been idle that was seen to have ended, by the monotonic clock. */
  #idleSinceHangUpMs = Number.NEGATIVE_INFINITY;
  #nextSweep: { readonly dueMs: number; readonly end: Cancel } | undefined;

  /** @param ownOptions - `origins[name]` of the options, if any. */
  constructor(
    readonly name: string,
    readonly settings: Settings,
    private readonly ownOptions: OriginOptions,
    readonly machine: Machine,
    readonly counts: Counts,
    private readonly commonMode: () => Mode,
  ) {
    this.#budget = fullBudget(settings.budget, machine.now().monotonicMs);
    this.#ownMode = ownOptions.mode;
  }

  get mode(): Mode {
    return this.settings.forcedMode ?? this.#ownMode ?? this.commonMode();
  }

  /** Sets this origin's own mode. */
  setMode(mode: Mode): void {
    this.#ownMode = mode;
  }

  get leave(): ReplayLeave {
    return this.ownOptions.replay ?? this.settings.replay;
  }

  get honoursKeys(): boolean {
    return this.ownOptions.idempotencyKeys ?? false;
  }

  /** Whether a Line still leads here, or its mode was set while the program ran. */
  get inUse(): boolean {
    return this.#lines.size > 0 || this.#ownMode !== this.ownOptions.mode;
  }

  add(line: Idler): void {
    this.#lines.add(line);
  }

  remove(line: Idler): void {
    this.#lines.delete(line);
    if (this.#lines.size > 0) return;
    this.#nextSweep?.end();
    this.#nextSweep = undefined;
  }

  /** Learns from a connection's TCP handshake. A rise counts at once, a fall little by little. */
  noteHandshake(ms: number): void {
    this.#rttMs = rising(this.#rttMs, ms);
    this.#knowledge = undefined;
  }

  noteHint(hint: KeepAliveHint): void {
    const { timeoutMs, limitMs } = hint;
    if (timeoutMs === undefined || (timeoutMs === this.#hint.timeoutMs && limitMs === this.#hint.limitMs)) return;
    this.#hint = hint;
    this.#knowledge = undefined;
  }

  /**
   * What is known of the idle time of a connection.
   *
   * @param own - The `Keep-Alive` that it was told.
   */
  knowledge(own: KeepAliveHint): Knowledge {
    // kept until something is learned: it is asked for several times for each request
    const kept = this.#knowledge;
    if (kept && kept.timeoutMs === own.timeoutMs && kept.toldMs === own.limitMs) return kept;
    const { timeoutMs, limitMs: toldMs } = own;
    const hint = timeoutMs === undefined ? this.#hint : own;
    const limit = idleLimit({
      statedMs: this.ownOptions.idleLimitMs,
      toldMs: hint.limitMs,
      hintMs: hint.timeoutMs,
      unknownIdleLimitMs: this.settings.unknownIdleLimitMs,
    });
    const facts = { marginMs: this.settings.marginMs, rttMs: this.#rttMs, clientLagMs: this.#lagMs };
    const cutoffMs = idleCutoffMs(limit, facts, this.settings.maxIdleMs);
    const known = { timeoutMs, toldMs, limit, marginMs: marginMs(limit, facts), cutoffMs };
    this.#knowledge = known;
    return known;
  }

  /** A request was made here that only evidence may send again. */
  noteNonReplayable(): void {
    this.#wantsEvidence = true;
  }

  noteRequest(): void {
    this.counts.requests++;
    this.#undeposited++;
  }

  canReplay(): boolean {
    const limits = this.settings.budget;
    this.#budget = refill(deposit(this.#budget, limits, this.#undeposited), limits, this.machine.now().monotonicMs);
    this.#undeposited = 0;
    return canSpend(this.#budget);
  }

  spendReplay(): void {
    this.#budget = spend(this.#budget);
  }

  /** Notes, for an observer, what {@link letGoAsOldAs} would have done. */
  foreseeLettingGo(idleMs: number): void {
    this.#idleSinceHangUpMs = Math.max(this.#idleSinceHangUpMs, this.machine.now().monotonicMs - idleMs);
  }

  /** Whether a connection that has been idle for so long would have been let go because another one hung up. */
  siblingHungUp({ monotonicMs }: Instant, idleMs: number): boolean {
    return monotonicMs - idleMs <= this.#idleSinceHangUpMs;
  }

  /** Lets go of the connections that have been idle as long as one that has just hung up, or longer. */
  letGoAsOldAs(idleMs: number): void {
    const now = this.machine.now();
    for (const line of [...this.#lines]) {
      const idle = line.idleMs(now);
      if (idle !== undefined && idle >= idleMs) line.letGo('sibling');
    }
  }

  /**
   * A Line has become idle: sees to it that it is let go at its cutoff even if no request comes.
   *
   * @param sinceMs - When, by the monotonic clock.
   */
  sweepLater(cutoffMs: number, sinceMs: number): void {
    this.#sweepIn(this.#wantsEvidence ? Math.min(LIKELY_CLOSED_AFTER_MS, cutoffMs) : cutoffMs, sinceMs);
  }

  #sweepIn(ms: number, sinceMs: number): void {
    const dueMs = sinceMs + Math.max(SHORTEST_SWEEP_MS, ms);
    if (this.#nextSweep && this.#nextSweep.dueMs <= dueMs) return;
    this.#nextSweep?.end();
    const end = this.machine.timer(Math.max(0, dueMs - this.machine.now().monotonicMs), false, () => {
      this.#nextSweep = undefined;
      this.#lagMs = rising(this.#lagMs, Math.max(0, this.machine.now().monotonicMs - dueMs));
      this.#knowledge = undefined;
      this.#sweep();
    });
    this.#nextSweep = { dueMs, end };
  }

  #sweep(): void {
    const now = this.machine.now();
    const toPark: Duplex[] = [];
    let next: number | undefined;
    for (const line of [...this.#lines]) {
      const idle = line.idleMs(now);
      if (idle === undefined || this.mode === 'off' || this.mode === 'observe') continue;
      const cutoff = this.knowledge(line.hint).cutoffMs;
      if (idle >= cutoff) {
        line.letGo('cutoff');
        continue;
      }
      const mayPark = this.#wantsEvidence && idle < LIKELY_CLOSED_AFTER_MS;
      const due = mayPark ? Math.min(LIKELY_CLOSED_AFTER_MS, cutoff) : cutoff;
      next = Math.min(next ?? due, Math.max(due - idle, due * SWEEP_SLACK));
      const socket = this.#wantsEvidence && !mayPark ? line.toPark() : undefined;
      if (socket) toPark.push(socket);
    }
    if (toPark.length > 0) this.machine.park(toPark);
    if (next !== undefined) this.#sweepIn(next, now.monotonicMs);
  }
}

function rising(known: number, seen: number): number {
  return seen >= known ? seen : known * 0.75 + seen * 0.25;
}
