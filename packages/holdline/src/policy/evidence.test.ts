import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidencePossible, judgeEvidence, queueIsWhole, resetWaitMs } from './evidence.js';

const both = [false, true];

describe('evidence can be had', () => {
  test('only of a TCP connection of our own, on which we sent nothing more, and which ended in order', () => {
    for (const ownTcp of both)
      for (const ourSideOpen of both)
        for (const orderlyEnd of both) {
          const all = ownTcp && ourSideOpen && orderlyEnd;
          expect(evidencePossible({ ownTcp, ourSideOpen, orderlyEnd })).toBe(all);
        }
  });

  test('not of a RST without a FIN: so a server dies over what it has read', () => {
    expect(evidencePossible({ ownTcp: true, ourSideOpen: true, orderlyEnd: false })).toBe(false);
  });
});

describe('the queue is whole', () => {
  const fin = (unacknowledgedBytes: number) => ({ finReceived: true, unacknowledgedBytes });

  test('when the FIN acknowledged no byte of the request', () => {
    expect(queueIsWhole(fin(120), 120)).toBe(true);
  });

  test('not when the FIN acknowledged any of it, be it one byte', () => {
    expect(queueIsWhole(fin(119), 120)).toBe(false);
    expect(queueIsWhole(fin(0), 120)).toBe(false);
  });

  test('not when there is more in it than the request: then it is not known what of it is acknowledged', () => {
    expect(queueIsWhole(fin(121), 120)).toBe(false);
  });

  test('not when no FIN came: over TLS the end may be a close_notify, which acknowledges nothing', () => {
    expect(queueIsWhole({ finReceived: false, unacknowledgedBytes: 120 }, 120)).toBe(false);
  });

  test('not when it cannot be read, and not when nothing was sent', () => {
    expect(queueIsWhole(undefined, 120)).toBe(false);
    expect(queueIsWhole(fin(0), 0)).toBe(false);
  });

  test('when the FIN acknowledged the feeler and no byte of the rest: a first byte is no request', () => {
    expect(queueIsWhole(fin(119), 120, 1)).toBe(true);
    expect(queueIsWhole(fin(120), 120, 1)).toBe(true);
    expect(queueIsWhole(fin(118), 120, 1)).toBe(false);
    // over TLS the feeler is a record of its own, and part of it is none of the two
    expect(queueIsWhole(fin(110), 120, 23)).toBe(false);
    expect(queueIsWhole(fin(0), 23, 23)).toBe(false);
  });

  test('in no other case', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(300), fc.nat(300), (finReceived, unacknowledgedBytes, requestBytes) => {
        const whole = finReceived && requestBytes > 0 && unacknowledgedBytes === requestBytes;
        expect(queueIsWhole({ finReceived, unacknowledgedBytes }, requestBytes)).toBe(whole);
      }),
    );
  });
});

describe('what was seen is weighed', () => {
  test('a whole queue and a RST: the server never got the request', () => {
    expect(judgeEvidence({ queue: 'whole', resetCame: true })).toBe('undelivered');
  });

  test('a whole queue and no RST: Apache lingers, reads and discards, but another might read and execute', () => {
    expect(judgeEvidence({ queue: 'whole', resetCame: false })).toBe('likely');
  });

  test('a FIN and a RST alone prove nothing: a server that executed and died looks the same', () => {
    expect(judgeEvidence({ queue: 'unreadable', resetCame: true })).toBe('likely');
  });

  test('a queue from which the server took anything speaks for the server, whatever came then', () => {
    expect(judgeEvidence({ queue: 'not-whole', resetCame: true })).toBe('none');
    expect(judgeEvidence({ queue: 'not-whole', resetCame: false })).toBe('none');
  });

  test('nothing seen is no evidence', () => {
    expect(judgeEvidence({ queue: 'unreadable', resetCame: false })).toBe('none');
  });
});

describe('the wait for the RST', () => {
  test('is a little over a round trip', () => {
    expect(resetWaitMs(40, undefined, false)).toBe(52);
    expect(resetWaitMs(40, 10, false)).toBe(52);
  });

  test('goes by the quickest answer where that took longer: a TCP proxy in between shakes hands itself', () => {
    expect(resetWaitMs(0.2, 80, false)).toBe(104);
  });

  test('is longer over TLS: where a close_notify came first, the RST that counts answers our acknowledgement of the FIN', () => {
    expect(resetWaitMs(40, undefined, true)).toBe(2.3 * 40 + 50);
    expect(resetWaitMs(0, undefined, true)).toBe(50);
  });

  test('is bounded both ways', () => {
    expect(resetWaitMs(0, undefined, false)).toBe(3);
    expect(resetWaitMs(0, 0, false)).toBe(3);
    expect(resetWaitMs(60_000, 1, false)).toBe(2_000);
    expect(resetWaitMs(1, 60_000, false)).toBe(2_000);
    const ms = fc.double({ min: 0, noNaN: true, maxExcluded: false });
    fc.assert(
      fc.property(ms, fc.option(ms, { nil: undefined }), fc.boolean(), (handshakeMs, answerMs, overTls) => {
        const waitMs = resetWaitMs(handshakeMs, answerMs, overTls);
        expect(waitMs).toBeGreaterThanOrEqual(3);
        expect(waitMs).toBeLessThanOrEqual(2_000);
        if (handshakeMs <= 1_500) expect(waitMs).toBeGreaterThan(handshakeMs);
        if (answerMs !== undefined && answerMs <= 1_500) expect(waitMs).toBeGreaterThan(answerMs);
      }),
    );
  });
});
