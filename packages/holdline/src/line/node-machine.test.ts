import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { connectedPair } from '../../test/loopback.js';
import { look } from './descriptor.js';
import { nodeMachine } from './node-machine.js';

/** Asks once in each of several turns of the loop. @returns When each turn was over. */
async function turns(count: number): Promise<number[]> {
  const endedAt: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    nodeMachine.heardUntil();
    await nextTurn();
    endedAt.push(nodeMachine.now().monotonicMs);
  }
  return endedAt;
}

describe('how far the event loop has told what came', () => {
  beforeEach((ctx) => ctx.skip(process.platform === 'win32', 'on Windows a socket has no descriptor'));

  test('is no longer ago than the last turns of a loop that runs', async () => {
    const endedAt = await turns(5);
    expect(nodeMachine.heardUntil().monotonicMs).toBeGreaterThan(endedAt[2] ?? Number.POSITIVE_INFINITY);
  });

  test('is before a stall until the turn that follows it is over', async () => {
    await turns(5);
    const stalledAt = nodeMachine.now().monotonicMs;
    while (nodeMachine.now().monotonicMs < stalledAt + 20);
    expect(nodeMachine.heardUntil().monotonicMs).toBeLessThan(stalledAt);
  });

  test('is never later than an end of which a socket has not told', async () => {
    for (let round = 0; round < 50; round++) {
      const { client, peer } = await connectedPair();
      client.resume();
      await turns(round % 4);
      peer.destroy();
      while (!client.readableEnded) {
        const cameBy = look(client) === 'closed' ? nodeMachine.now().monotonicMs : Number.POSITIVE_INFINITY;
        nodeMachine.heardUntil();
        await nextTurn();
        if (!client.readableEnded) expect(nodeMachine.heardUntil().monotonicMs).toBeLessThan(cameBy);
      }
    }
  });
});
