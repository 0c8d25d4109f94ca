import { type Duplex, PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type TestMachine, testMachine } from '../../test/virtual-machine.js';
import type { LetGoReason } from '../events/channels.js';
import type { Instant } from '../policy/idle-time.js';
import type { KeepAliveHint } from '../policy/keep-alive-header.js';
import type { HoldlineOptions } from './options.js';
import type { Idler, Origin } from './origin.js';
import { Origins } from './origins.js';

const NAME = 'http://b:3000';

/** A connection as its origin sees it. */
class FakeLine implements Idler {
  idleSinceMs: number | undefined;
  hint: KeepAliveHint = {};
  readonly unparked: Duplex[] = [new PassThrough()];
  readonly letGoFor: LetGoReason[] = [];
  /** How long it had been idle then. */
  letGoAfterMs: number | undefined;

  constructor(
    private readonly origin: Origin,
    private readonly machine: TestMachine,
  ) {
    origin.add(this);
  }

  idleMs(now: Instant): number | undefined {
    return this.idleSinceMs === undefined ? undefined : now.monotonicMs - this.idleSinceMs;
  }

  /** Its request is done. */
  released(): this {
    this.idleSinceMs = this.machine.now().monotonicMs;
    this.origin.sweepLater(this.origin.knowledge(this.hint).cutoffMs, this.machine.now().monotonicMs);
    return this;
  }

  taken(): void {
    this.idleSinceMs = undefined;
  }

  /** As of a Line: once for each connection. */
  toPark(): ReturnType<Idler['toPark']> {
    return this.unparked.pop();
  }

  letGo(reason: LetGoReason): void {
    this.letGoFor.push(reason);
    this.letGoAfterMs = this.idleMs(this.machine.now());
    this.idleSinceMs = undefined;
    this.origin.remove(this);
  }
}

function setUp(options: HoldlineOptions = {}) {
  const parked: { socket: Duplex; atMs: number }[] = [];
  const machine = testMachine({
    park(sockets) {
      for (const socket of sockets) parked.push({ socket, atMs: machine.clock.now().monotonicMs });
    },
  });
  const origins = new Origins({ marginMs: 0, ...options }, machine);
  const origin = origins.at(NAME);
  const { clock } = machine;
  return { machine, clock, parked, origins, origin, line: () => new FakeLine(origin, machine) };
}

describe('idle connections to which no request comes', () => {
  test('are let go at their cutoff, each at its own', async () => {
    const { clock, line } = setUp({ unknownIdleLimitMs: 4_000 });
    const first = line().released();
    await clock.advance(1_500);
    const second = line().released();
    await clock.advance(10_000);
    expect([first.letGoFor, second.letGoFor]).toEqual([['cutoff'], ['cutoff']]);
    expect([first.letGoAfterMs, second.letGoAfterMs]).toEqual([4_000, 4_000]);
  });

  test('are let go in time also if a connection with a shorter limit comes later', async () => {
    const { clock, line } = setUp({ unknownIdleLimitMs: 60_000 });
    line().released();
    const hinted = line();
    hinted.hint = { timeoutMs: 2_000 };
    hinted.released();
    await clock.advance(60_000);
    expect(hinted.letGoAfterMs).toBe(2_000);
  });

  test('go at most a twentieth of the cutoff late, however many there are, with one timer for all', async () => {
    const { clock, line } = setUp({ unknownIdleLimitMs: 1_000 });
    const lines: FakeLine[] = [];
    for (let i = 0; i < 200; i++) {
      await clock.advance(7);
      lines.push(line().released());
    }
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(5_000);
    for (const { letGoAfterMs } of lines) {
      expect(letGoAfterMs).toBeGreaterThanOrEqual(1_000);
      expect(letGoAfterMs).toBeLessThanOrEqual(1_050);
    }
  });

  test('are left alone while a request holds them, and go when they are idle again for long enough', async () => {
    const { clock, line } = setUp({ unknownIdleLimitMs: 4_000 });
    const busy = line().released();
    await clock.advance(2_000);
    busy.taken();
    await clock.advance(60_000);
    expect(busy.letGoFor).toEqual([]);
    busy.released();
    await clock.advance(10_000);
    expect(busy.letGoAfterMs).toBe(4_000);
  });

  test('whose response was read late are let go in time, and the delay is not taken for a slow event loop', async () => {
    const { clock, origin, line } = setUp({ marginMs: 'auto', unknownIdleLimitMs: 4_000 });
    const readLate = line();
    readLate.idleSinceMs = clock.now().monotonicMs;
    await clock.advance(3_000);
    origin.sweepLater(4_000, readLate.idleSinceMs);
    await clock.advance(4_000);
    expect(readLate.letGoAfterMs).toBe(4_000);
    expect(origin.knowledge({}).marginMs).toBe(0);
  });

  test('do not keep the process alive, and leave no timer behind', () => {
    const { machine, clock, line } = setUp();
    const one = line().released();
    const other = line().released();
    expect(machine.keptAlive).toBe(false);
    one.letGo('idle-end');
    other.letGo('idle-end');
    expect(clock.pendingTimers).toBe(0);
  });

  test('cost no storm of timers where a connection must not be kept at all', async () => {
    const { clock, line } = setUp({ unknownIdleLimitMs: 0 });
    const kept = line().released();
    await clock.advance(9);
    expect(kept.letGoFor).toEqual([]);
    await clock.advance(1);
    expect(kept.letGoFor).toEqual(['cutoff']);
    expect(clock.pendingTimers).toBe(0);
  });

  for (const mode of ['observe', 'off'] as const) {
    test(`are not touched in mode ${mode}, also if it is set while they are idle`, async () => {
      const { clock, line, origins } = setUp();
      const idle = line().released();
      origins.setMode(mode);
      await clock.advance(600_000);
      expect(idle.letGoFor).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
    });
  }
});

describe('connections whose end may have to be weighed', () => {
  test('are made ready for it when they have been idle for half a second, once each', async () => {
    const { clock, parked, origin, line } = setUp({ unknownIdleLimitMs: 4_000 });
    origin.noteNonReplayable();
    const [one, other] = [line(), line()];
    const sockets = [...one.unparked, ...other.unparked];
    const fromMs = clock.now().monotonicMs;
    one.released();
    await clock.advance(100);
    other.released();
    await clock.advance(3_000);
    expect(parked.map(({ socket }) => socket)).toEqual(sockets);
    const afterMs = parked.map(({ atMs }, index) => atMs - fromMs - index * 100);
    for (const ms of afterMs) expect(ms).toBeGreaterThanOrEqual(500);
    for (const ms of afterMs) expect(ms).toBeLessThanOrEqual(600);
    await clock.advance(10_000);
    expect(one.letGoAfterMs).toBe(4_000);
    expect(other.letGoAfterMs).toBeLessThanOrEqual(4_200);
  });

  test('are not made ready where no request was made that only evidence may send again', async () => {
    const { clock, parked, line } = setUp();
    line().released();
    await clock.advance(60_000);
    expect(parked).toEqual([]);
  });

  test('are not made ready while a request holds them, or where they are let go before', async () => {
    const { clock, parked, origin, line } = setUp({ unknownIdleLimitMs: 300 });
    origin.noteNonReplayable();
    line().released();
    const busy = line().released();
    busy.taken();
    await clock.advance(60_000);
    expect(parked).toEqual([]);
  });
});

describe('when a connection hangs up', () => {
  test('those that were idle as long or longer go with it, and the others stay', async () => {
    const { clock, origin, line } = setUp({ unknownIdleLimitMs: 60_000 });
    const oldest = line().released();
    await clock.advance(1_000);
    const asOld = line().released();
    const busy = line().released();
    busy.taken();
    await clock.advance(1_000);
    const younger = line().released();
    await clock.advance(500);
    origin.letGoAsOldAs(1_500);
    expect([oldest, asOld, busy, younger].map((each) => each.letGoFor)).toEqual([['sibling'], ['sibling'], [], []]);
  });
});

describe('the margin', () => {
  test('grows at once with a slow handshake and shrinks little by little', () => {
    const { origin } = setUp({ marginMs: 'auto', unknownIdleLimitMs: 4_000 });
    const margins = [10, 200, 0, 0, 0].map((ms) => {
      origin.noteHandshake(ms);
      return origin.knowledge({}).marginMs;
    });
    expect(margins).toEqual([10, 200, 150, 112.5, 84.375]);
  });

  test('grows with how late the event loop turns out to run', async () => {
    const { machine, clock, origin, line } = setUp({ marginMs: 'auto', unknownIdleLimitMs: 4_000 });
    machine.lateMs = 300;
    line().released();
    await clock.advance(5_000);
    expect(origin.knowledge({}).marginMs).toBe(300);
  });
});

describe('the idle limit', () => {
  test("is a connection's own hint, else the latest of its origin, else assumed", () => {
    const { origin } = setUp({ unknownIdleLimitMs: 4_000 });
    expect(origin.knowledge({}).limit).toEqual({ limitMs: 4_000, source: 'assumed' });
    origin.noteHint({ timeoutMs: 10_000 });
    origin.noteHint({});
    expect(origin.knowledge({}).limit).toEqual({ limitMs: 10_000, source: 'hinted' });
    expect(origin.knowledge({ timeoutMs: 3_000 }).limit).toEqual({ limitMs: 3_000, source: 'hinted' });
  });

  test('is what a server that runs Holdline has told, for the connection or lately for another', () => {
    const { origin } = setUp({ unknownIdleLimitMs: 4_000 });
    origin.noteHint({ timeoutMs: 5_000, limitMs: 6_000 });
    expect(origin.knowledge({}).limit).toEqual({ limitMs: 6_000, source: 'told' });
    expect(origin.knowledge({ timeoutMs: 5_000, limitMs: 7_000 }).limit.limitMs).toBe(7_000);
    expect(origin.knowledge({ timeoutMs: 5_000 }).limit).toEqual({ limitMs: 5_000, source: 'hinted' });
  });

  test('is what the user states for the origin', () => {
    const { origin } = setUp({ origins: { [NAME]: { idleLimitMs: 7_000 } } });
    origin.noteHint({ timeoutMs: 10_000 });
    expect(origin.knowledge({ timeoutMs: 3_000 }).limit).toEqual({ limitMs: 7_000, source: 'stated' });
  });
});

describe('the replay budget', () => {
  /** How many replays are let through now. */
  function replays(origin: Origin): number {
    let sent = 0;
    for (; sent < 1_000 && origin.canReplay(); sent++) origin.spendReplay();
    return sent;
  }

  test('is a burst, then a share of the requests, and some with time', async () => {
    const { clock, origin } = setUp({ budget: { ratio: 0.2, perSecond: 10, burst: 100 } });
    expect(replays(origin)).toBe(100);
    for (let i = 0; i < 50; i++) origin.noteRequest();
    expect(replays(origin)).toBe(10);
    await clock.advance(1_000);
    expect(replays(origin)).toBe(10);
    await clock.advance(3_600_000);
    expect(replays(origin)).toBe(100);
  });

  test('of one origin is not spent by another', () => {
    const { origins, origin } = setUp({ budget: { ratio: 0, perSecond: 0, burst: 2 } });
    expect(replays(origins.at('http://other'))).toBe(2);
    expect(replays(origin)).toBe(2);
  });
});

describe('the mode', () => {
  test('of an origin is its own, else the common one, and follows what is set at run time', () => {
    const { origins, origin } = setUp({ mode: 'observe', origins: { 'http://own': { mode: 'cutoff' } } });
    const own = origins.at('http://own');
    expect([origin.mode, own.mode]).toEqual(['observe', 'cutoff']);
    origins.setMode('on');
    expect([origin.mode, own.mode]).toEqual(['on', 'cutoff']);
    origins.setMode('off', 'HTTP://OWN:80/');
    expect([origin.mode, own.mode]).toEqual(['on', 'off']);
  });

  test('that is not one, or for what is no origin, is refused', () => {
    const { origins } = setUp();
    expect(() => origins.setMode('no' as 'on')).toThrow("Holdline: mode is 'no'");
    expect(() => origins.setMode('on', 'b:3000')).toThrow("Holdline: origins is 'b:3000'");
  });
});

describe('a process that talks to very many origins', () => {
  test('forgets those that it has no connection to, and keeps the others with what was learned of them', () => {
    const { origins, origin, line } = setUp();
    line();
    origin.noteHint({ timeoutMs: 30_000 });
    const left = origins.at('http://left');
    for (let i = 0; i < 1_000; i++) origins.at(`http://crawled-${i}`);
    expect(origins.at(NAME)).toBe(origin);
    expect(origins.at('http://left')).not.toBe(left);
  });

  test('does not forget the mode that was set for one of them', () => {
    const { origins } = setUp();
    origins.setMode('off', NAME);
    for (let i = 0; i < 1_000; i++) origins.at(`http://crawled-${i}`);
    expect(origins.at(NAME).mode).toBe('off');
  });
});
