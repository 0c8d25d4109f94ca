import type fs from 'node:fs';
import { read, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectedPair, sendFin, sendReset, until } from '../../test/loopback.js';
import { bytesHanded, inodeOf, look } from './descriptor.js';
import { park, sendQueue } from './send-queue.js';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    readFileSync: vi.fn<typeof real.readFileSync>(real.readFileSync),
    read: vi.fn<typeof real.read>(real.read),
  };
});
// the machine that runs the tests may have many thousands of sockets
vi.mock('./reading-allowance.js', () => ({
  ReadingAllowance: class {
    allows = () => true;
    spent = () => {};
  },
}));
const reading = vi.mocked(readFileSync);
const readingUpTo = vi.mocked(read);

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach((ctx) => ctx.skip(process.platform !== 'linux', 'only Linux lists its send queues in a file'));
afterEach(async () => {
  reading.mockRestore();
  await nextTurn(); // what was read is forgotten
});

describe("the kernel's queue of a connection", () => {
  test('that is open and idle is empty, and no FIN has come', async () => {
    const { client } = await connectedPair();
    expect(sendQueue(client)).toEqual({ finReceived: false, unacknowledgedBytes: 0 });
  });

  test('tells that the FIN has come', async () => {
    const { client, peer } = await connectedPair();
    await sendFin(peer);
    await until(() => look(client) === 'closed');
    expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 0 });
  });

  test('holds what the peer has no room for, and with what waits in this process that is all of it', async () => {
    const { client, peer } = await connectedPair();
    client.write(Buffer.alloc(16 * 1024 * 1024));
    const held = () => sendQueue(client)?.unacknowledgedBytes ?? 0;
    let [before, now] = [-1, held()];
    // until the peer's buffers are full
    while (before !== now) {
      await nextTurn();
      [before, now] = [now, held()];
    }
    expect(now).toBeGreaterThan(0);
    await sendFin(peer);
    await until(() => sendQueue(client)?.finReceived === true);
    const unacknowledged = held();
    let taken = 0;
    peer.on('data', (data: Buffer) => (taken += data.length)).resume();
    await until(() => held() === 0);
    await until(() => taken === bytesHanded(client));
    expect(unacknowledged).toBeLessThan(taken);
  });

  test('is empty of what the peer has received, though its program has not read it', async () => {
    const { client, peer } = await connectedPair();
    client.write('POST / HTTP/1.1\r\n\r\n');
    await sendFin(peer);
    await until(() => look(client) === 'closed');
    expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 0 });
  });

  test('cannot be told once a RST came', async () => {
    const { client, peer } = await connectedPair();
    await sendReset(peer);
    await until(() => sendQueue(client) === undefined);
    expect(sendQueue(client)).toBeUndefined();
  });

  test('cannot be told of a socket that is closed', async () => {
    const { client } = await connectedPair();
    client.destroy();
    expect(sendQueue(client)).toBeUndefined();
  });

  test('is found over IPv6, too', async (ctx) => {
    const pair = await connectedPair('::1').catch(() => undefined);
    ctx.skip(!pair, 'this machine has no IPv6 on loopback');
    if (!pair) return;
    await sendFin(pair.peer);
    await until(() => look(pair.client) === 'closed');
    expect(sendQueue(pair.client)).toEqual({ finReceived: true, unacknowledgedBytes: 0 });
  });
});

describe('the table of connections', () => {
  const table = (...rows: string[]) =>
    ['  sl  local_address rem_address   st tx_queue rx_queue', ...rows, ''].join('\n');
  /** A row with the columns that count; `retransmits`, `uid` and `timeout` are small numbers. */
  const row = (of: { state: string; queued: string; inode: number | undefined; uid?: number | undefined }) =>
    `   0: 0100007F:A 0100007F:B ${of.state} ${of.queued}:00000000 00:00000000 00000000 ${of.uid ?? 0} 0 ${of.inode} 1 0000000000000000 20 4 30 10 -1`;

  function lists(text: string): void {
    reading.mockReturnValue(text);
  }

  test('may show the number in another column of another connection: that one is passed over', async () => {
    const { client } = await connectedPair();
    const inode = inodeOf(client);
    lists(
      table(
        row({ state: '08', queued: '00000063', inode: 4, uid: inode }),
        row({ state: '08', queued: '00000064', inode }),
        row({ state: '08', queued: '00000065', inode: 5, uid: inode }),
      ),
    );
    expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 100 });
  });

  test('may hold the number in another column alone: then the connection is not listed', async () => {
    const { client } = await connectedPair();
    lists(table(row({ state: '08', queued: '00000064', inode: 4, uid: inodeOf(client) })));
    expect(sendQueue(client)).toBeUndefined();
  });

  test('may hold a number that ends or begins like it', async () => {
    const { client } = await connectedPair();
    const inode = Number(inodeOf(client));
    lists(
      table(
        row({ state: '08', queued: '00000064', inode: Number(`1${inode}`) }),
        row({ state: '08', queued: '0', inode: inode * 10 }),
      ),
    );
    expect(sendQueue(client)).toBeUndefined();
  });

  test('may be of a form that is not known, or not be there: then nothing is told', async () => {
    const { client } = await connectedPair();
    for (const text of [
      '',
      'gibberish',
      ` ${inodeOf(client)} `,
      table(row({ state: '08', queued: 'zz', inode: inodeOf(client) })),
    ]) {
      lists(text);
      expect(sendQueue(client)).toBeUndefined();
      await nextTurn();
    }
    reading.mockImplementation(() => {
      throw new Error('ENOENT');
    });
    expect(sendQueue(client)).toBeUndefined();
  });

  test('is read once for all that a closing server ends in one turn of the loop, and anew in the next', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => connectedPair()));
    for (const { client, peer } of pairs) {
      await sendFin(peer);
      await until(() => look(client) === 'closed');
    }
    await nextTurn();
    reading.mockClear();
    const clients: Socket[] = pairs.map((pair) => pair.client);
    for (const client of clients) expect(sendQueue(client)?.finReceived).toBe(true);
    expect(reading).toHaveBeenCalledTimes(1);
    await nextTurn();
    sendQueue(clients[0] as Socket);
    expect(reading).toHaveBeenCalledTimes(2);
  });

  test('is read anew for a connection whose FIN was not there a moment ago', async () => {
    const { client } = await connectedPair();
    const inode = inodeOf(client);
    lists(table(row({ state: '01', queued: '00000000', inode })));
    expect(sendQueue(client)?.finReceived).toBe(false);
    lists(table(row({ state: '08', queued: '00000064', inode })));
    expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 100 });
  });
});

describe('a connection that was parked', () => {
  /** How many descriptors of the kernel's table are open. */
  function openTables(): number {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return /\/net\/tcp6?\b/.test(readlinkSync(`/proc/self/fd/${fd}`));
      } catch {
        return false; // closed meanwhile
      }
    }).length;
  }

  /** Parks sockets, and waits until the table has been read up to the place of each. */
  async function parked(...sockets: Socket[]): Promise<void> {
    let left = sockets.length;
    const real = readingUpTo.getMockImplementation() as (...args: unknown[]) => void;
    readingUpTo.mockImplementation(((...args: unknown[]) => {
      const done = args.pop() as (...result: unknown[]) => void;
      real(...args, (...result: unknown[]) => {
        done(...result);
        left--;
      });
    }) as typeof read);
    onTestFinished(() => void readingUpTo.mockRestore());
    park(sockets);
    await until(() => left === 0);
    reading.mockClear();
  }

  test('is read from its place, without the rest of the table, and shows what is now and not what was', async () => {
    const rounds = 10;
    for (let round = 0; round < rounds; round++) {
      const { client, peer } = await connectedPair();
      await parked(client);
      await sendFin(peer);
      await until(() => look(client) === 'closed');
      expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 0 });
    }
    // where other programs' connections come and go, the place may be lost now and then
    expect(reading.mock.calls.length).toBeLessThan(rounds);
  });

  test('is found, too, when connections before it in the table have come and gone', async () => {
    const before = await Promise.all(Array.from({ length: 30 }, () => connectedPair()));
    const { client, peer } = await connectedPair();
    await parked(client);
    for (const pair of before.slice(0, 15)) {
      pair.client.destroy();
      pair.peer.destroy();
    }
    await Promise.all(Array.from({ length: 30 }, () => connectedPair()));
    await sendFin(peer);
    await until(() => look(client) === 'closed');
    expect(sendQueue(client)).toEqual({ finReceived: true, unacknowledgedBytes: 0 });
  });

  test('tells each of many its own queue, and again after that, by the table', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => connectedPair()));
    await parked(...pairs.map((pair) => pair.client));
    await Promise.all(pairs.slice(0, 10).map((pair) => sendFin(pair.peer)));
    await until(() => pairs.slice(0, 10).every((pair) => look(pair.client) === 'closed'));
    for (let round = 0; round < 2; round++) {
      const ended = pairs.map((pair) => sendQueue(pair.client)?.finReceived);
      expect(ended).toEqual(pairs.map((_, index) => index < 10));
    }
  });

  test('cannot be told once a RST came, as without', async () => {
    const { client, peer } = await connectedPair();
    await parked(client);
    await sendReset(peer);
    await until(() => look(client) === 'reset');
    expect(sendQueue(client)).toBeUndefined();
  });

  test('gives its descriptor back when it was read, and when its socket closes', async () => {
    const [first, second] = [await connectedPair(), await connectedPair()];
    await until(() => openTables() === 0);
    await parked(first.client, second.client);
    expect(openTables()).toBe(2);
    sendQueue(first.client);
    await until(() => openTables() === 1);
    second.client.destroy();
    await until(() => openTables() === 0);
    expect(openTables()).toBe(0);
  });
});
