import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { testMachine } from '../../test/virtual-machine.js';
import type { Evidence, SendQueue } from '../policy/evidence.js';
import type { Connection } from './connection.js';
import { weigh } from './weighing.js';

const REQUEST_BYTES = 120;
const HANDED = { requestBytes: REQUEST_BYTES, feelerBytes: 0 };
const WAIT_MS = 52; // 1.3 × the round trip

/** What the kernel would answer, from when on: the last entry whose time has come counts. */
type Kernel = readonly { readonly atMs: number; readonly queue: SendQueue | undefined; readonly reset?: true }[];

const open = (bytes: number): SendQueue => ({ finReceived: false, unacknowledgedBytes: bytes });
const ended = (bytes: number): SendQueue => ({ finReceived: true, unacknowledgedBytes: bytes });

/** Weighs until there is an answer. `cancelAtMs`: the caller gives up then. */
async function weighed(kernel: Kernel, { isTls = false, cancelAtMs = undefined as number | undefined } = {}) {
  let startMs = 0;
  const seen = () => {
    const sinceMs = machine.clock.now().monotonicMs - startMs;
    return kernel.findLast(({ atMs }) => atMs <= sinceMs);
  };
  const machine = testMachine({ sendQueue: () => seen()?.queue, resetCame: () => seen()?.reset ?? false });
  startMs = machine.clock.now().monotonicMs;
  const connection = { tcp: new PassThrough(), handshakeMs: 40, quickestAnswerMs: 1, isTls } as unknown as Connection;
  const answers: { evidence: Evidence; afterMs: number }[] = [];
  const cancel = weigh(connection, HANDED, machine, (evidence) => {
    answers.push({ evidence, afterMs: machine.clock.now().monotonicMs - startMs });
  });
  if (cancelAtMs !== undefined) {
    await machine.clock.advance(cancelAtMs);
    cancel();
  }
  await machine.clock.advance(10_000);
  expect(machine.clock.pendingTimers).toBe(0);
  expect(answers.length).toBeLessThanOrEqual(1);
  return { ...answers[0], machine };
}

describe('a POST was never delivered', () => {
  test('when the queue was whole at the FIN and a RST came', async () => {
    const { evidence, afterMs } = await weighed([
      { atMs: 0, queue: ended(REQUEST_BYTES) },
      { atMs: 20, queue: undefined, reset: true },
    ]);
    expect(evidence).toBe('undelivered');
    expect(afterMs).toBeGreaterThanOrEqual(20);
    expect(afterMs).toBeLessThan(30);
  });

  test('also when over TLS the close_notify came before the FIN, and the RST a round trip after that', async () => {
    const kernel: Kernel = [
      { atMs: 0, queue: open(REQUEST_BYTES) },
      { atMs: 5, queue: ended(REQUEST_BYTES) },
      { atMs: 100, queue: undefined, reset: true },
    ];
    expect((await weighed(kernel, { isTls: true })).evidence).toBe('undelivered');
  });
});

describe('a POST may have been delivered', () => {
  test('when no RST came within a little over a round trip: Apache lingers', async () => {
    const { evidence, afterMs } = await weighed([{ atMs: 0, queue: ended(REQUEST_BYTES) }]);
    expect(evidence).toBe('likely');
    expect(afterMs).toBeGreaterThanOrEqual(WAIT_MS);
    expect(afterMs).toBeLessThan(WAIT_MS * 1.3);
  });

  test('when the RST came before the queue could be read: a server that executed and died looks the same', async () => {
    const { evidence, afterMs } = await weighed([{ atMs: 0, queue: undefined, reset: true }]);
    expect([evidence, afterMs]).toEqual(['likely', 0]);
  });

  test('when the FIN acknowledged any of it, be a RST on its way or not: nobody waits for that', async () => {
    for (const bytes of [0, 1, REQUEST_BYTES - 1, REQUEST_BYTES + 1]) {
      const { evidence, afterMs } = await weighed([
        { atMs: 0, queue: ended(bytes) },
        { atMs: 5, queue: undefined, reset: true },
      ]);
      expect([evidence, afterMs]).toEqual(['none', 0]);
    }
  });

  test('when a close_notify ended TLS and no FIN: the server may read on, whatever the queue says', async () => {
    const { evidence, afterMs } = await weighed([{ atMs: 0, queue: open(REQUEST_BYTES) }]);
    expect(evidence).toBe('none');
    expect(afterMs).toBeGreaterThanOrEqual(WAIT_MS);
  });

  test('when a close_notify ended TLS, and then a RST came without a FIN', async () => {
    const { evidence } = await weighed([
      { atMs: 0, queue: open(REQUEST_BYTES) },
      { atMs: 20, queue: undefined, reset: true },
    ]);
    expect(evidence).not.toBe('undelivered');
  });

  test('when the FIN behind a close_notify acknowledged it', async () => {
    const { evidence } = await weighed([
      { atMs: 0, queue: open(REQUEST_BYTES) },
      { atMs: 10, queue: ended(0) },
      { atMs: 20, queue: undefined, reset: true },
    ]);
    expect(evidence).toBe('none');
  });

  test('where the kernel cannot be asked: nobody waits then', async () => {
    const { evidence, afterMs } = await weighed([{ atMs: 0, queue: undefined }]);
    expect([evidence, afterMs]).toEqual(['none', 0]);
  });

  test('where the connection is not of our own making', async () => {
    const answers: Evidence[] = [];
    weigh({ tcp: undefined } as unknown as Connection, HANDED, testMachine(), (evidence) => answers.push(evidence));
    expect(answers).toEqual(['none']);
  });
});

describe('the search for evidence', () => {
  const whole: Kernel = [
    { atMs: 0, queue: ended(REQUEST_BYTES) },
    { atMs: 20, queue: undefined, reset: true },
  ];

  test('keeps the process alive: somebody waits for an answer', async () => {
    expect((await weighed(whole)).machine.keptAlive).toBe(true);
  });

  test('ends when the caller gives up, and tells nothing then', async () => {
    expect((await weighed(whole, { cancelAtMs: 10 })).evidence).toBeUndefined();
  });
});
