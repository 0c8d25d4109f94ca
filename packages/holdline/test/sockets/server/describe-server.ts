import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { channels, drain, type HardenOptions, harden } from '../../../src/server/index.js';
import { doAndStall, wait } from '../support.js';
import { RawClient } from './raw-client.js';
import { type Made, SLOW_MS, type Started } from './routes.js';

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

    test('answers what comes after its idle limit by a RST, so that the client may know that it was not received', async () => {
      const b = await start(make);
      const a = await open(b);
      await a.ask('/ok');
      await a.end();
      expect(a.error, 'a FIN first').toBeUndefined();
      a.send('/ok');
      await wait(50);
      a.socket.write(' '); // a socket that has read its end learns of a RST when it writes
      await wait(50);
      expect(a.error).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
      expect(b.hardened.counts()).toMatchObject({ requests: 1, open: 0 });
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
        expect(await a.answer()).toMatch(/^HTTP\/1\.1 413[^]*too large(\r\n0\r\n\r\n)?$/);
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

    describe('that is drained', () => {
      const NOW = { noticeMs: 0 };
      const LAST = /^Connection: close\r$/im;

      test('answers every request that clients may still send, and says that it was the last', async () => {
        const b = await start(make);
        const clients = await Promise.all(Array.from({ length: 8 }, () => open(b)));
        for (const a of clients) await a.ask('/ok');
        const drained = drain({ servers: [b.hardened], ...NOW });
        const ask = async (a: RawClient, index: number) => {
          await wait(index * 25);
          return a.ask(index % 2 ? '/ok' : '/keep');
        };
        const answers = await Promise.all(clients.map(ask));
        for (const each of answers) {
          expect(each).toMatch(/^HTTP\/1\.1 200[^]*ok\r?\n?/);
          expect(each).toMatch(LAST);
          expect(each).not.toMatch(/^keep-alive:|^connection: keep-alive/im);
        }
        await Promise.all(clients.map((a) => a.end()));
        expect(clients.map(({ error }) => error).filter(Boolean)).toEqual([]);
        for (const a of clients) a.socket.end();
        const report = await drained;
        expect(report).toMatchObject({ served: 8, cut: {}, exitCode: 0, closed: { afterResponse: 8, afterIdle: 0 } });
      });

      test('leaves an idle connection alone until its client may no longer use it, then ends it by a FIN', async () => {
        const b = await start(make);
        const a = await open(b);
        await a.ask('/ok');
        const answeredAtMs = performance.now();
        const drained = drain({ servers: [b.hardened], ...NOW });
        expect(b.hardened.ready).toBe(false);
        await a.end();
        expect(a.error).toBeUndefined();
        expect(a.endedAtMs - answeredAtMs).toBeGreaterThan(LIMIT_MS - 50);
        expect(a.endedAtMs - answeredAtMs).toBeLessThan(LIMIT_MS + 700);
        a.socket.end();
        expect(await drained).toMatchObject({ cut: {}, closed: { afterIdle: 1 } });
      });

      test('lets a request in progress end, and a response that has begun', async () => {
        const b = await start(make);
        const [slow, stream] = [await open(b), await open(b)];
        slow.send('/slow');
        stream.send('/stream');
        await wait(SLOW_MS / 3);
        const drained = drain({ servers: [b.hardened], ...NOW });
        const slowly = await slow.answer();
        expect(slowly).toMatch(/^HTTP\/1\.1 200[^]*slow(\r\n0\r\n\r\n)?$/);
        expect(slowly).toMatch(LAST);
        expect(await stream.answer()).toMatch(/one[^]*two/);
        for (const a of [slow, stream]) {
          await a.end();
          a.socket.end();
        }
        expect(await drained).toMatchObject({ served: 2, cut: {}, closed: { afterResponse: 1, afterIdle: 1 } });
      });

      test('serves the connections that were made just before it stopped accepting, and none after', async () => {
        const b = await start(make);
        let last: Promise<RawClient>[] = [];
        const connect = (event: unknown) => {
          if ((event as { step: string }).step === 'stop-accepting') last = Array.from({ length: 5 }, () => open(b));
        };
        subscribe(channels.serverDrain, connect);
        onTestFinished(() => void unsubscribe(channels.serverDrain, connect));
        const drained = drain({ servers: [b.hardened], ...NOW });
        await wait(50);
        const clients = await Promise.all(last);
        expect(clients).toHaveLength(5);
        for (const a of clients) expect(await a.ask('/ok')).toMatch(LAST);
        const refused = net.connect(b.port, '127.0.0.1');
        const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
        expect(error.code).toBe('ECONNREFUSED');
        for (const a of clients) {
          await a.end();
          a.socket.end();
        }
        expect(await drained).toMatchObject({ served: 5, cut: {} });
      });

      test('cuts what is left at its limit, and says so', async () => {
        const b = await start(make);
        const [busy, idle] = [await open(b), await open(b)];
        await idle.ask('/ok');
        busy.send('/slow');
        await wait(50);
        const report = await drain({ servers: [b.hardened], ...NOW, limitMs: 100 });
        expect(report).toMatchObject({ served: 0, cut: { request: 1, idle: 1 }, exitCode: 1 });
        await busy.end();
        expect(b.hardened.counts().open).toBe(0);
      });
    });
  });
}
