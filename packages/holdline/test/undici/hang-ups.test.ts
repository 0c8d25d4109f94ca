// What each undici, and the fetch of this Node, does with a server that hangs up.
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../loopback.js';
import { answer, failureOf, onRequests, serveHttp, serveRaw, stall, wait } from '../sockets/support.js';
import { beforeItIsWritten, byName, hangUpOf, PATIENT, ways } from './support.js';

interface Heard {
  readonly connection: number;
  readonly head: string;
  readonly body: string;
}

/** Answers the first request of each connection, and lets another one be the end of it. */
async function serveOnce(end: (socket: Socket) => void = (socket) => socket.destroy()) {
  const heard: Heard[] = [];
  const running = await serveRaw((socket, connection) => {
    let count = 0;
    onRequests(socket, (head, body) => {
      heard.push({ connection, head, body });
      if (count++ === 0) socket.write(answer(`on ${connection}`));
      else end(socket);
    });
    socket.on('end', () => socket.end());
  });
  return { ...running, heard };
}

describe.each(byName(ways))('%s', (name, { make }) => {
  test('a GET over which the server hangs up is answered, over a new connection', async () => {
    const b = await serveOnce();
    const a = await make(PATIENT);
    expect(await a.ask(b.origin)).toBe('on 0');
    await turn();
    expect(await a.ask(b.origin, { path: '/again' })).toBe('on 1');
    expect(b.heard.map(({ connection }) => connection)).toEqual([0, 0, 1]);
    expect(a.counts()).toMatchObject({ hangUps: 1, replays: 1, surfaced: 0, faults: 0 });
  });

  test('requests without a pause between them are cured, too', async () => {
    const b = await serveOnce();
    const a = await make({ ...PATIENT, connections: 1 });
    for (let i = 0; i < 6; i++) expect(await a.ask(b.origin)).toBe(`on ${i}`);
    expect(a.counts()).toMatchObject({ hangUps: 5, replays: 5, surfaced: 0, faults: 0 });
  });

  test('a POST surfaces as a HangUpError that says why, and arrives once', async () => {
    const b = await serveOnce();
    const a = await make(PATIENT);
    await a.ask(b.origin);
    await turn();
    const hangUp = hangUpOf(await failureOf(a.ask(b.origin, { method: 'POST', body: '{"item":7}' })));
    expect(hangUp).toMatchObject({ reused: true, origin: b.origin, verdict: 'surface', requests: 1 });
    expect(b.heard.filter(({ body }) => body === '{"item":7}')).toHaveLength(1);
    expect(await a.ask(b.origin)).toBe('on 1');
  });

  test('a POST with a key that the origin honours is sent again, the same bytes', async () => {
    const b = await serveOnce();
    const a = await make({ ...PATIENT, origins: { [b.origin]: { idempotencyKeys: true } } });
    await a.ask(b.origin);
    await turn();
    const headers = { 'Idempotency-Key': 'k1' };
    expect(await a.ask(b.origin, { method: 'POST', headers, body: 'seven' })).toBe('on 1');
    const [, first, second] = b.heard;
    expect(second).toEqual({ ...first, connection: 1 });
    expect(second?.body).toBe('seven');
  });

  test('a plain POST for which the server has closed unheard is answered: that is seen before a byte is written', async () => {
    const b = await serveHttp((request, response) => void request.resume().on('end', () => response.end('done')));
    const a = await make(PATIENT);
    await a.ask(b.origin);
    await wait(20);
    beforeItIsWritten(() => {
      b.accepted[0]?.destroy();
      stall(20);
    });
    expect(await a.ask(b.origin, { method: 'POST', body: 'seven' })).toBe('done');
    expect(a.counts()).toMatchObject({ hangUps: 0, surfaced: 0, letGo: 1 });
  });

  test('a plain POST whose first byte meets the server that closes is answered: no more of it was sent', async () => {
    const b = await serveRaw((socket, index) => {
      socket.once('data', () => socket.write(answer(`on ${index}`)));
      if (index === 0) socket.once('data', () => socket.once('data', () => socket.destroy()));
    });
    const a = await make(PATIENT);
    await a.ask(b.origin);
    await wait(600);
    expect(await a.ask(b.origin, { method: 'POST', body: 'seven' })).toBe('on 1');
    expect(a.counts()).toMatchObject({ feelers: 1, surfaced: 0 });
  });

  test.each(['destroy', 'resetAndDestroy'] as const)(
    '%s by the server as a request is made: it is answered',
    async (end) => {
      const b = await serveHttp((_, response) => response.end('ok'));
      const a = await make(PATIENT);
      await a.ask(b.origin);
      await turn();
      await turn();
      const asked = a.ask(b.origin);
      b.accepted[0]?.[end]();
      expect(await asked).toBe('ok');
      expect(b.accepted).toHaveLength(2);
      expect(a.counts().surfaced).toBe(0);
    },
  );

  test('an idle connection is let go before the server closes it, and the next request finds a new one', async () => {
    const ends: string[] = [];
    const b = await serveHttp((_, response) => response.end('ok'));
    b.server.on('connection', (socket: Socket) => socket.on('end', () => ends.push('the client')));
    const a = await make({ origins: { [b.origin]: { idleLimitMs: 200 } } });
    await a.ask(b.origin);
    await until(() => ends.length === 1);
    expect(a.counts()).toMatchObject({ letGo: 1, hangUps: 0 });
    await a.ask(b.origin);
    expect(b.accepted).toHaveLength(2);
  });

  test('opens as many connections as without Holdline', async () => {
    const b = await serveHttp((_, response) => response.end('ok'));
    const run = async (mode: 'on' | 'off') => {
      const before = b.accepted.length;
      const a = await make({ ...PATIENT, mode });
      for (let i = 0; i < 5; i++) {
        await a.ask(b.origin);
        await wait(5);
      }
      for (let i = 0; i < 5; i++) {
        await Promise.all([a.ask(b.origin), a.ask(b.origin), a.ask(b.origin)]);
        await wait(5);
      }
      return b.accepted.length - before;
    };
    expect(await run('on')).toBe(await run('off'));
  });

  test('bodies of a megabyte pass unchanged both ways, streamed', async () => {
    const part = Buffer.alloc(65_536, 'holdline');
    const parts = 16;
    async function* body() {
      for (let i = 0; i < parts; i++) {
        await turn();
        yield part;
      }
    }
    const b = await serveHttp((request, response) => void request.pipe(response));
    const a = await make(PATIENT);
    for (let i = 0; i < 2; i++) {
      const echoed = await a.ask(b.origin, { method: 'POST', body: body() });
      expect(Buffer.compare(Buffer.from(echoed), Buffer.concat(Array.from({ length: parts }, () => part)))).toBe(0);
    }
    expect(a.counts()).toMatchObject({ hangUps: 0, faults: 0 });
  });

  test('what the user aborts is never sent again', async () => {
    const b = await serveOnce(() => {}); // it does not answer the second
    const a = await make(PATIENT);
    await a.ask(b.origin);
    await turn();
    const abort = new AbortController();
    const failed = failureOf(a.ask(b.origin, { path: '/aborted', signal: abort.signal }));
    await until(() => b.heard.length === 2);
    abort.abort();
    expect((await failed).name).toBe('AbortError');
    await wait(20);
    expect(b.heard).toHaveLength(2);
    expect(a.counts()).toMatchObject({ hangUps: 0, replays: 0 });
  });

  test('a mode set while the program runs holds for connections that are there', async () => {
    const b = await serveHttp((_, response) => response.setHeader('Keep-Alive', 'timeout=60').end('ok'));
    const a = await make(PATIENT);
    await a.ask(b.origin);
    a.setMode('off');
    await turn();
    await a.ask(b.origin);
    expect(b.accepted).toHaveLength(1);
    expect(a.counts().requests, name).toBe(1);
  });
});
