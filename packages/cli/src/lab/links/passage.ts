import type { Random } from '../../random.js';
import type { LinkRules } from '../roles.js';
import { type DelayLine, delayLine } from './delay-line.js';
import { type IdleEvent, IdleWatch } from './idle-watch.js';
import type { Timing } from './timing.js';
import type { Packet } from './trace.js';

/** A socket, as far as a passage needs it. */
export interface End {
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'end' | 'error' | 'close', listener: () => void): unknown;
  write(bytes: Buffer, taken: () => void): unknown;
  end(): unknown;
  destroy(): unknown;
  resetAndDestroy(): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** A segment of a passage: a packet but for the ports. */
export type Segment = Omit<Packet, 'aPort' | 'bPort'>;

/** What happened to a connection; times as in {@link Segment}. */
export type Deed =
  /** The rules closed it for B, or made the link forget it. */
  | { readonly what: IdleEvent; readonly atMs: number; readonly idleMs: number }
  /** B itself closed it. `idleMs` is left out where a request was under way. */
  | { readonly what: 'b-close'; readonly atMs: number; readonly by: 'fin' | 'reset'; readonly idleMs?: number }
  /** Bytes of A's came to a B that had closed; `crossing` if the close had not reached A when they left. */
  | {
      readonly what: 'met-close';
      readonly atMs: number;
      readonly bytes: number;
      /** Since B closed. */
      readonly afterMs: number;
      readonly crossing: boolean;
    }
  | { readonly what: 'drop'; readonly atMs: number; readonly from: 'A' | 'B'; readonly bytes: number };

/** What a passage is made of. */
export interface PassageOptions {
  readonly a: End;
  readonly b: End;
  readonly rules: LinkRules;
  readonly timing: Timing;
  readonly random: Random;
  readonly onSegment?: (segment: Segment) => void;
  readonly onDeed?: (deed: Deed) => void;
}

/** How far one side of a connection is: what it sent, and what has reached it. FIN counts as a byte, as in TCP. */
interface Side {
  readonly name: 'A' | 'B';
  readonly end: End;
  /** Towards the other side. */
  readonly line: DelayLine;
  sent: number;
  got: number;
  /** Nothing that entered the line later leaves it before this. */
  dueMs: number;
  inFlightBytes: number;
}

type Sent = Partial<Pick<Segment, 'bytes' | 'fin' | 'reset' | 'dropped'>> & { readonly refuses?: boolean };

const REQUEST_TIMEOUT = Buffer.from('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
/** Beyond this much under way, a sender has to wait. */
const MOST_IN_FLIGHT_BYTES = 1 << 20;
const SPLIT_PAUSE_MS = 50;
/** About as long as A's kernel would go on trying to end a connection that the link has forgotten. */
const FORGOTTEN_KEPT_MS = 60_000;

/**
 * Carries one connection of A's to B, late, and does to it what the rules say. The faults stand at B's end of the
 * delay: B's close needs its time to A, and a request that left A in the meantime meets a closed B.
 */
export class Passage {
  readonly #options: PassageOptions;
  readonly #a: Side;
  readonly #b: Side;
  /** A's handshake with a relay takes no time; over a real link it takes a round trip, and only then can A send. */
  readonly #openMs: number;
  readonly #idle: IdleWatch;
  /** B's side, as A finds it: a refusal meets what comes to a closed one, and nothing what comes to the others. */
  #state: 'open' | 'closed' | 'half-closed' | 'forgotten' = 'open';
  #aEnded = false;
  #bEnded = false;
  #closedMs = 0;
  #reset = false;
  /** A has B's FIN or RST. */
  #closeArrived = false;
  #gone = false;

  constructor(options: PassageOptions) {
    this.#options = options;
    const { a, b, rules, timing } = options;
    const nowMs = timing.nowMs();
    this.#openMs = nowMs + 2 * (rules.delayMs ?? 0);
    const side = (name: 'A' | 'B', end: End): Side => {
      return { name, end, line: delayLine(timing), sent: 0, got: 0, dueMs: 0, inFlightBytes: 0 };
    };
    this.#a = side('A', a);
    this.#b = side('B', b);
    this.#idle = new IdleWatch(rules, timing, (what, idleMs) => this.#onIdle(what, idleMs));
    options.onSegment?.({ atMs: nowMs, from: 'A', bytes: 0, syn: true, fin: false, reset: false, seq: 0 });
    this.#listenToA();
    this.#listenToB();
  }

  #listenToA(): void {
    const { end } = this.#a;
    end.on('data', (bytes) => {
      const knew = this.#closeArrived;
      this.#carry(this.#a, bytes, (taken) => this.#arriveAtB(bytes, knew, taken));
    });
    end.on('end', () => {
      if (this.#state === 'forgotten') this.#options.timing.timer(FORGOTTEN_KEPT_MS, () => this.#destroy());
      this.#send(this.#a, { fin: true }, () => this.#endA(() => this.#b.end.end()));
    });
    end.on('error', () => {
      this.#send(this.#a, { reset: true }, () => this.#endA(() => this.#b.end.resetAndDestroy()));
    });
    end.on('close', () => {
      this.#gone = true;
      this.#idle.stop();
    });
  }

  /** A's own end has come to B. */
  #endA(pass: () => void): void {
    this.#aEnded = true;
    if (this.#state === 'open') pass();
  }

  #listenToB(): void {
    const { end } = this.#b;
    end.on('data', (bytes) => {
      if (this.#state === 'open' || this.#state === 'forgotten') this.#answer(bytes);
    });
    end.on('end', () => {
      if (this.#state === 'forgotten') {
        this.#send(this.#b, { fin: true }, () => {});
        end.destroy();
      }
      if (this.#state !== 'open') return;
      this.#tellOfB('fin');
      this.#closeB();
    });
    end.on('error', () => {
      if (this.#state !== 'open') return;
      if (!this.#bEnded) this.#tellOfB('reset');
      this.#resetA();
    });
  }

  #destroy(): void {
    this.#a.end.destroy();
    this.#b.end.destroy();
  }

  /** That B ends after A is not worth telling. */
  #tellOfB(by: 'fin' | 'reset'): void {
    if (this.#aEnded) return;
    const { timing, onDeed } = this.#options;
    const { idleMs } = this.#idle;
    onDeed?.({ what: 'b-close', atMs: timing.nowMs(), by, ...(idleMs !== undefined && { idleMs }) });
  }

  /** Bytes that B sends. */
  #answer(bytes: Buffer): void {
    const { splitPauseMs = SPLIT_PAUSE_MS } = this.#options.rules;
    const parts = this.#idle.answer(bytes);
    parts.forEach((part, index) => {
      if (index > 0) this.#b.dueMs = Math.max(this.#b.dueMs, this.#options.timing.nowMs()) + splitPauseMs;
      this.#carry(this.#b, part, (taken) => this.#a.end.write(part, taken));
    });
  }

  /** Bytes of A's come out of the line. `knew`: A had B's close when it sent them. */
  #arriveAtB(bytes: Buffer, knew: boolean, taken: () => void): void {
    const { timing, onDeed } = this.#options;
    if (this.#state !== 'open' || this.#bEnded) {
      const atMs = timing.nowMs();
      onDeed?.({ what: 'met-close', atMs, bytes: bytes.length, afterMs: atMs - this.#closedMs, crossing: !knew });
    }
    if (this.#state === 'open') {
      this.#idle.request();
      this.#b.end.write(bytes, taken);
      return;
    }
    taken();
    if (this.#state === 'closed') this.#resetA(true);
  }

  #onIdle(what: IdleEvent, idleMs: number): void {
    const { timing, onDeed, rules } = this.#options;
    if (this.#state !== 'open' || this.#bEnded || this.#gone) return;
    onDeed?.({ what, atMs: timing.nowMs(), idleMs });
    if (what === 'forget') {
      this.#state = 'forgotten';
      return;
    }
    this.#state = what === 'half-close' ? 'half-closed' : 'closed';
    // B itself goes quietly: to it, A is the one that closed.
    this.#b.end.destroy();
    if (what !== 'half-close' && rules.closeBy === 'reset') return this.#resetA();
    if (what !== 'half-close' && rules.closeBy === '408')
      this.#carry(this.#b, REQUEST_TIMEOUT, (taken) => this.#a.end.write(REQUEST_TIMEOUT, taken));
    this.#closeB();
  }

  /** B's FIN. */
  #closeB(): void {
    this.#endB();
    this.#send(this.#b, { fin: true }, () => {
      this.#closeArrived = true;
      this.#a.end.end();
    });
  }

  /** B cannot be reached: A, whose handshake with us is over, gets a RST. */
  refuse(): void {
    this.#resetA(true);
  }

  /** B's RST, as its way to close or to refuse what came after. */
  #resetA(refuses = false): void {
    if (this.#reset) return;
    this.#reset = true;
    this.#endB();
    if (this.#state === 'open') this.#state = 'closed';
    this.#send(this.#b, { reset: true, refuses }, () => {
      this.#closeArrived = true;
      if (!this.#gone) this.#a.end.resetAndDestroy();
    });
  }

  #endB(): void {
    if (!this.#bEnded) this.#closedMs = this.#options.timing.nowMs();
    this.#bEnded = true;
    this.#idle.stop();
  }

  /** Sends bytes; too many under way make the sender wait. */
  #carry(side: Side, bytes: Buffer, arrive: (taken: () => void) => void): void {
    if (this.#state === 'forgotten') {
      const { timing, onDeed } = this.#options;
      onDeed?.({ what: 'drop', atMs: timing.nowMs(), from: side.name, bytes: bytes.length });
      this.#send(side, { bytes: bytes.length, dropped: true }, () => {});
      return;
    }
    side.inFlightBytes += bytes.length;
    if (side.inFlightBytes > MOST_IN_FLIGHT_BYTES) side.end.pause();
    this.#send(side, { bytes: bytes.length }, () => {
      arrive(() => {
        side.inFlightBytes -= bytes.length;
        if (side.inFlightBytes <= MOST_IN_FLIGHT_BYTES) side.end.resume();
      });
    });
  }

  /** Puts a segment into a side's line. */
  #send(side: Side, { bytes = 0, fin = false, reset = false, dropped, refuses }: Sent, arrive: () => void): void {
    const { timing, rules, random, onSegment } = this.#options;
    const { delayMs = 0, jitterMs = 0, delayFinMs = 0 } = rules;
    const lost = dropped ?? this.#state === 'forgotten';
    const receiver = side === this.#a ? this.#b : this.#a;
    const nowMs = side === this.#a ? Math.max(timing.nowMs(), this.#openMs) : timing.nowMs();
    onSegment?.({
      atMs: nowMs,
      from: side.name,
      ...{ bytes, syn: false, fin, reset },
      seq: side.sent,
      ...(!refuses && { ack: side.got }),
      ...(lost && { dropped: true }),
    });
    if (lost) return;
    const length = bytes + (fin ? 1 : 0);
    side.sent += length;
    side.dueMs = Math.max(side.dueMs, nowMs + delayMs + (jitterMs > 0 ? random.between(0, jitterMs) : 0));
    const arriveThere = () => {
      receiver.got += length;
      arrive();
    };
    // Held back, a FIN may be overtaken by the RST that follows it.
    if (fin && delayFinMs > 0) timing.timer(side.dueMs + delayFinMs - timing.nowMs(), arriveThere);
    else side.line.put(side.dueMs, arriveThere);
  }
}
