import type fs from 'node:fs';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectedPair } from '../../test/loopback.js';
import { sendQueue } from './send-queue.js';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, readFileSync: vi.fn<typeof real.readFileSync>(real.readFileSync) };
});
const reading = vi.mocked(readFileSync);
const READING_MS = 5;
const LARGE_BYTES = 2 * 1024 * 1024;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('the table of a host with many thousands of connections is read for a tenth of the time at most', async (ctx) => {
  ctx.skip(process.platform !== 'linux', 'only Linux lists its send queues in a file');
  const { client } = await connectedPair();
  await nextTurn();
  const clock = vi.spyOn(performance, 'now');
  onTestFinished(() => void clock.mockRestore());
  let nowMs = 0;
  clock.mockImplementation(() => nowMs);
  reading.mockImplementation(() => {
    nowMs += READING_MS;
    return 'x'.repeat(LARGE_BYTES);
  });
  reading.mockClear();
  for (; nowMs < 500; nowMs++) {
    sendQueue(client);
    await nextTurn();
  }
  expect(reading.mock.calls.length).toBeLessThanOrEqual(500 / READING_MS / 10);
  expect(reading.mock.calls.length).toBeGreaterThan(500 / READING_MS / 10 - 3);
});
