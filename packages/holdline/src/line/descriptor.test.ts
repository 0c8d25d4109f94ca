import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import tls from 'node:tls';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectedPair, sendFin, sendReset, until } from '../../test/loopback.js';
import { bytesHanded, bytesQueued, inodeOf, look, resetCame } from './descriptor.js';

// Node keeps `_handle` to itself, so nothing but this file says that it is what it was. It runs on every Node line.
beforeEach((ctx) => ctx.skip(process.platform === 'win32', 'on Windows a socket has no descriptor'));

function handleOf(socket: Socket): Record<string, unknown> {
  return (socket as unknown as { _handle: Record<string, unknown> })._handle;
}

describe('the private part of a Node socket', () => {
  test('is where it was: a handle with fd, bytesWritten and writeQueueSize, which are numbers', async () => {
    const { client } = await connectedPair();
    const { fd, bytesWritten, writeQueueSize } = handleOf(client);
    const remedy = `Node ${process.version} has changed socket._handle: see descriptor.ts`;
    expect({ fd, bytesWritten, writeQueueSize }, remedy).toEqual({
      fd: expect.any(Number),
      bytesWritten: 0,
      writeQueueSize: 0,
    });
    expect(fd, remedy).toBeGreaterThan(2);
  });

  test('can be missing without harm: nothing is known then', async () => {
    const { client } = await connectedPair();
    client.destroy();
    for (const socket of [client, new PassThrough()]) {
      expect(look(socket)).toBe('unknown');
      expect(resetCame(socket)).toBe(false);
      expect(bytesHanded(socket)).toBe(0);
      expect(bytesQueued(socket)).toBe(0);
      expect(inodeOf(socket)).toBeUndefined();
    }
  });

  test('has no descriptor before the socket is connected', async () => {
    const socket = connect({ host: '127.0.0.1', port: 1, lookup: () => {} });
    onTestFinished(() => void socket.destroy());
    expect(look(socket)).toBe('unknown');
  });
});

describe('a look at a connection, before the event loop has heard from it, says that', () => {
  test('it is alive, any number of times, and takes nothing from it', async () => {
    const { client, peer } = await connectedPair();
    for (let i = 0; i < 100; i++) expect(look(client)).toBe('alive');
    peer.write('hello');
    expect(String((await once(client.resume(), 'data'))[0])).toBe('hello');
  });

  test('the peer has closed it', async () => {
    const { client, peer } = await connectedPair();
    await sendFin(peer);
    await until(() => look(client) !== 'alive');
    expect(look(client)).toBe('closed');
  });

  test('the peer has reset it', async () => {
    const { client, peer } = await connectedPair();
    await sendReset(peer);
    let seen = look(client);
    await until(() => seen !== 'alive' || (seen = look(client)) !== 'alive');
    expect(seen).toBe('reset');
  });

  test('bytes have come that nobody asked for', async () => {
    const { client, peer } = await connectedPair();
    peer.write('HTTP/1.1 408 Request Timeout\r\n\r\n');
    let seen = look(client);
    await until(() => seen !== 'alive' || (seen = look(client)) !== 'alive');
    expect(seen).toBe('bytes');
  });

  test('it is alive though it is idle and being read by the event loop', async () => {
    const { client } = await connectedPair();
    client.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(look(client)).toBe('alive');
  });
});

describe('a write of no bytes', () => {
  beforeEach((ctx) => ctx.skip(process.platform !== 'linux', 'how a kernel answers it was measured on Linux alone'));

  test('says nothing while the connection is open, and sends nothing', async () => {
    const { client, peer } = await connectedPair();
    for (let i = 0; i < 10; i++) expect(resetCame(client)).toBe(false);
    client.write('x');
    expect(String((await once(peer.resume(), 'data'))[0])).toBe('x');
  });

  test('says nothing after a FIN alone, and that a RST came as soon as it did', async () => {
    const { client, peer } = await connectedPair();
    await sendFin(peer);
    await until(() => look(client) === 'closed');
    for (let i = 0; i < 10; i++) expect(resetCame(client)).toBe(false);
    await sendReset(peer);
    await until(() => resetCame(client));
    expect(resetCame(client)).toBe(true);
  });

  test('says that a RST answered what was written to a socket that had closed before', async () => {
    const { client, peer } = await connectedPair();
    const closed = once(peer, 'close');
    peer.destroy();
    await closed;
    await until(() => look(client) === 'closed');
    expect(resetCame(client)).toBe(false);
    client.write('POST / HTTP/1.1\r\n\r\n');
    await until(() => resetCame(client));
    expect(resetCame(client)).toBe(true);
  });

  test('is not taken for a RST when we have ended our side ourselves', async () => {
    const { client } = await connectedPair();
    await new Promise<void>((done) => client.end(done));
    // EPIPE here, too: this is why evidence needs our side open
    expect(resetCame(client)).toBe(true);
  });
});

describe('the bytes handed to the TCP socket', () => {
  test('are those of the request', async () => {
    const { client } = await connectedPair();
    client.write('x'.repeat(1_000));
    expect(bytesHanded(client)).toBe(1_000);
    client.cork();
    client.write('é');
    client.write(Buffer.alloc(10));
    client.uncork();
    expect(bytesHanded(client)).toBe(1_012);
  });

  test('are over TLS the ciphertext, to the byte, at the moment of the write', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../../test/sockets/fixtures/${name}`, import.meta.url));
    const b = tls.createServer({ key: fixture('server.key'), cert: fixture('server.crt') });
    let plaintext = 0;
    b.on('secureConnection', (socket) => socket.on('data', (data: Buffer) => (plaintext += data.length)));
    b.listen(0, '127.0.0.1');
    // in between, to count what comes over the wire
    let ciphertext = 0;
    const between = createServer((socket) => {
      socket.on('data', (data: Buffer) => (ciphertext += data.length));
      const onward = connect((b.address() as AddressInfo).port, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
    }).listen(0, '127.0.0.1');
    await Promise.all([once(b, 'listening'), once(between, 'listening')]);
    const tcp = connect((between.address() as AddressInfo).port, '127.0.0.1');
    await once(tcp, 'connect');
    const secure = tls.connect({ socket: tcp, ca: fixture('ca.crt'), servername: 'server.test' });
    onTestFinished(() => {
      secure.destroy();
      b.close();
      between.close();
    });
    await once(secure, 'secureConnect');
    await new Promise((resolve) => setImmediate(resolve)); // the handshake's last bytes leave with this turn
    let sent = 0;
    for (const bytes of [1, 3_000, 60_000]) {
      const before = bytesHanded(tcp);
      secure.write(Buffer.alloc(bytes));
      sent += bytes;
      const growth = bytesHanded(tcp) - before;
      expect(growth).toBeGreaterThan(bytes);
      expect(growth).toBeLessThan(bytes + 500);
      await until(() => plaintext === sent);
      expect(ciphertext).toBe(bytesHanded(tcp));
    }
  });

  test('that the kernel has no room for are counted as queued', async () => {
    const { client } = await connectedPair();
    const total = 32 * 1024 * 1024;
    client.write(Buffer.alloc(total));
    expect(bytesHanded(client)).toBe(total);
    expect(bytesQueued(client)).toBeGreaterThan(total / 2);
    expect(bytesQueued(client)).toBeLessThan(total);
  });
});

test('the inode of a socket is its own', async () => {
  const [one, other] = [await connectedPair(), await connectedPair()];
  const inodes = [one.client, one.peer, other.client, other.peer].map(inodeOf);
  expect(inodes.every((inode) => typeof inode === 'number' && inode > 0)).toBe(true);
  expect(new Set(inodes).size).toBe(4);
});
