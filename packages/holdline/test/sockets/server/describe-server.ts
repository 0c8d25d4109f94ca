import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type HardenOptions, harden } from '../../../src/server/index.js';
import { doAndStall, wait } from '../support.js';
import { RawClient } from './raw-client.js';
import type { Made, Started } from './routes.js';

/** Short, so that the suite is; the order is the same. */
export const SHORT: HardenOptions = { keepAliveTimeoutMs: 400, keepAliveBufferMs: 200, lingerMs: 1_000 };
const LIMIT_MS = 600;

/** Starts a server of the suite, hardened; it ends with the test. */
export async function start(make: () => Made | Promise<Made>, options: HardenOptions = SHORT): Promise<Started> {
  const made = await make();
  const hardened = harden(made.server, options);
  return { made, hardened, port: await listen(made) };
}

/** Has a server listen; all its connections end with the test. */
export async function listen(made: Made): Promise<number> {
  const sockets = new Set<Socket>();
  made.server.on('connection', (socket: Socket) => sockets.add(socket));
  const listening = made.server.listening || once(made.server, 'listening');
  if (made.listen) await made.listen();
  else made.server.listen(0, '127.0.0.1');
  await listening;
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    if (made.close) await made.close();
    else made.server.close();
  });
  return (made.server.address() as AddressInfo).port;
}

/** What every hardened server does, whatever made it. */
export function describeServer(name: string, make: () => Made | Promise<Made>, secure = false): void {
  const open = ({ port }: Started) => RawClient.open(port, secure);

  describe(`a hardened server of ${name}`, () => {
    test('tells its idle limit to the millisecond, and keeps to it', async () => {
      const b = await start(make);
      const a = await open(b);
      const answer = await a.ask('/ok');
      const answeredAtMs = performance.now();
      expect(answer).toMatch(/^HTTP\/1\.1 200/);
      expect(answer.match(/^keep-alive:.*$/gim)).toEqual(['Keep-Alive: timeout=0, limit-ms=600']);
      await a.end();
      expect(a.error, 'a FIN, not a RST').toBeUndefined();
      expect(a.endedAtMs - answeredAtMs).toBeGreaterThan(LIMIT_MS - 50);
    });

    test('answers a request that had arrived before its event loop stood still past the idle limit', async () => {
      const b = await start(make);
      const a = await open(b);
      await a.ask('/ok');
      await wait(100);
      await doAndStall(() => a.send('/ok'), 1_500);
      expect(await a.answer()).toMatch(/^HTTP\/1\.1 200/);
      await wait(50);
      expect(a.ended, 'kept').toBe(false);
      expect(b.hardened.counts()).toMatchObject({ open: 1, lateRequestsSaved: 1 });
    });

    test('has its refusal arrive, though the client was sending more than it reads', async () => {
      const b = await start(make);
      for (let i = 0; i < 5; i++) {
        const a = await open(b);
        a.socket.pause();
        a.send('/refuse', 'Content-Length: 8000000\r\n', 'POST');
        a.socket.write(Buffer.alloc(1_000_000));
        await wait(50);
        a.socket.write(Buffer.alloc(1_000_000));
        await wait(50);
        a.socket.resume();
        expect(await a.answer()).toMatch(/^HTTP\/1\.1 413[^]*too large$/);
        await a.end();
        expect(a.error).toBeUndefined();
        a.socket.destroy();
      }
      expect(b.hardened.counts().lingered).toBe(5);
    });

    test('does not execute a request after one that was the last of its connection', async () => {
      const b = await start(make);
      const a = await open(b);
      a.send('/refuse', 'Content-Length: 4\r\n', 'POST');
      expect(await a.answer()).toMatch(/^HTTP\/1\.1 413/);
      a.socket.write('body');
      a.send('/ok');
      await wait(100);
      expect(b.hardened.counts().requests).toBe(1);
      expect(a.text).toBe('');
    });
  });
}
