import type { LinkRules } from '../roles.js';
import type { Timing } from './timing.js';

/** What befalls a connection that is idle. */
export type IdleEvent = 'idle-close' | 'last-request-close' | 'half-close' | 'forget';

/** After the last answer; an answer that comes in parts must not be cut between them. */
const AFTER_LAST_ANSWER_MS = 20;

/**
 * Watches one connection from B's end. It knows nothing of HTTP: a request begins with the first bytes from A after
 * bytes from B, and the connection is idle from the last bytes of B on, until bytes come from A.
 */
export class IdleWatch {
  readonly #rules: LinkRules;
  readonly #timing: Timing;
  readonly #onIdle: (what: IdleEvent, idleMs: number) => void;
  #requests = 0;
  #answerBytes = 0;
  #busy = false;
  #sinceMs = 0;
  #cancels: (() => void)[] = [];

  constructor(rules: LinkRules, timing: Timing, onIdle: (what: IdleEvent, idleMs: number) => void) {
    this.#rules = rules;
    this.#timing = timing;
    this.#onIdle = onIdle;
    this.#watch();
  }

  /** Bytes from A. */
  request(): void {
    if (!this.#busy) {
      this.#requests++;
      this.#answerBytes = 0;
    }
    this.#busy = true;
    this.stop();
  }

  /** Bytes from B; cut in two where the rules want it. */
  answer(bytes: Buffer): readonly Buffer[] {
    this.#busy = false;
    this.#watch();
    const at = (this.#rules.splitAt ?? 0) - this.#answerBytes;
    this.#answerBytes += bytes.length;
    return at > 0 && at < bytes.length ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes];
  }

  /** How long it has been idle; undefined while a request is under way. */
  get idleMs(): number | undefined {
    return this.#busy ? undefined : this.#timing.nowMs() - this.#sinceMs;
  }

  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #watch(): void {
    this.stop();
    this.#sinceMs = this.#timing.nowMs();
    const { closeIdleMs, halfCloseIdleMs, dropIdleMs, maxRequests = Number.POSITIVE_INFINITY } = this.#rules;
    this.#after(closeIdleMs, 'idle-close');
    this.#after(halfCloseIdleMs, 'half-close');
    this.#after(dropIdleMs, 'forget');
    if (this.#requests >= maxRequests) this.#after(AFTER_LAST_ANSWER_MS, 'last-request-close');
  }

  #after(ms: number | undefined, what: IdleEvent): void {
    if (ms !== undefined) this.#cancels.push(this.#timing.timer(ms, () => this.#onIdle(what, ms)));
  }
}
