// What becomes of a request whose connection ends, has ended, or is past its time: with each undici, and the fetch of this
// Node. The mutants ring names these tests, so that each wrong version of the code that they can see is seen by them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { channels } from '../../src/index.js';
import { LIKELY_CLOSED_AFTER_MS } from '../../src/policy/checkout.js';
import { deaths, executesAndDies } from '../sockets/deaths.js';
import { endsTlsAndReadsOn } from '../sockets/ends-tls.js';
import { answer, failureOf, onRequests, type Running, serveRaw, stall, wait } from '../sockets/support.js';
import { beforeItIsWritten, byName, clients, hangUpOf, PATIENT } from './support.js';

const POST = { method: 'POST', body: 'charge 5' } as const;
const END = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo late';

interface B extends Running {
  /** The method and the body of each request, in their order. */
  readonly heard: string[];
}

/** Answers the first request of each connection; what becomes of the others is for the test to say. */
async function serve(
  others: (socket: Socket) => void = (socket) => void socket.destroy(),
  header = 'X-B: 1',
): Promise<B> {
  const heard: string[] = [];
  const b = await serveRaw((socket, index) => {
    let served = 0;
    onRequests(socket, (head, body) => {
      heard.push(`${head.split(' ')[0]} ${body}`);
      if (served++ === 0) socket.write(answer(`on ${index}`, header));
      else others(socket);
    });
    socket.on('end', () => socket.end());
  });
  return { ...b, heard };
}

/** B's limit is known: no feeler goes ahead. */
const known = ({ origin }: { origin: string }, more = {}) => ({
  ...PATIENT,
  origins: { [origin]: { idleLimitMs: 600_000, ...more } },
});

describe.each(byName(clients))('%s', (_name, { make }) => {
  test.each(Object.entries(deaths))('B executes a POST at once and %s: it is never sent again', async (_, die) => {
    const b = await executesAndDies(die);
    const a = await make(known(b));
    for (let trial = 0; trial < 2; trial++) {
      await a.ask(b.origin);
      await turn();
      const hangUp = hangUpOf(await failureOf(a.ask(b.origin, { ...POST, path: `/${trial}` })));
      expect(hangUp).toMatchObject({ reused: true, verdict: 'surface' });
      expect(hangUp.evidence).not.toBe('undelivered');
    }
    expect(b.executed).toEqual(['/0', '/1']);
  });

  test('B ends TLS, executes the POST that was on its way, and resets: it is never sent again', async () => {
    const { origin, ca, endTls, judge } = await endsTlsAndReadsOn();
    const a = await make({ ...known({ origin }), ca });
    await judge(
      () => a.ask(origin).then(() => turn()),
      (target) => {
        beforeItIsWritten(endTls);
        return a.ask(origin, { method: 'POST', path: target });
      },
    );
  });

  test('a POST that B executed behind its feeler is never sent again', async () => {
    const b = await serve();
    const a = await make(PATIENT);
    await a.ask(b.origin);
    await wait(LIKELY_CLOSED_AFTER_MS + 20);
    expect(hangUpOf(await failureOf(a.ask(b.origin, POST)))).toMatchObject({ reason: 'no-evidence' });
    expect(b.heard).toEqual(['GET ', 'POST charge 5']);
    expect(a.counts().feelers).toBe(1);
  });

  test('a POST is answered whose feeler met a B that closed, while the loop of A stood still', async () => {
    const closed = new Int32Array(new SharedArrayBuffer(4));
    const b = new Worker(path.join(import.meta.dirname, '../sockets/fixtures/b-that-closes-at-a-byte.cjs'), {
      workerData: closed,
    });
    onTestFinished(() => void b.terminate());
    const [port] = (await once(b, 'message')) as [number];
    const a = await make(PATIENT);
    await a.ask(`http://127.0.0.1:${port}`);
    await wait(LIKELY_CLOSED_AFTER_MS + 20);
    const { write } = net.Socket.prototype;
    vi.spyOn(net.Socket.prototype, 'write').mockImplementation(function (this: Socket, data, encoding, done) {
      if (data.length === 1) queueMicrotask(() => Atomics.wait(closed, 0, 0, 2_000) && stall(20));
      return write.call(this, data, encoding, done);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await a.ask(`http://127.0.0.1:${port}`, POST)).toBe('ok');
    expect(a.counts()).toMatchObject({ hangUps: 1, surfaced: 0 });
  });

  test('a response that breaks off after its first bytes is passed on as it is, and never asked for again', async () => {
    const b = await serve((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf'));
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    await failureOf(a.ask(b.origin, { signal: AbortSignal.timeout(1_000) }));
    expect(b.heard).toHaveLength(2);
    expect(a.counts().replays).toBe(0);
  });

  test('a request is sent again once and no more', async () => {
    let first = true;
    const b = await serveRaw((socket) => {
      onRequests(socket, () => {
        if (first) socket.write(answer('ok'));
        else socket.destroy();
        first = false;
      });
    });
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    expect(hangUpOf(await failureOf(a.ask(b.origin))).reason).toBe('already-replayed');
    expect(b.accepted).toHaveLength(2);
  });

  test('a new connection that hangs up surfaces: idle time is not its cause', async () => {
    const b = await serveRaw((socket) => onRequests(socket, () => socket.destroy()));
    const a = await make(known(b));
    expect(hangUpOf(await failureOf(a.ask(b.origin)))).toMatchObject({ reason: 'fresh-connection', requests: 0 });
    expect(b.accepted).toHaveLength(1);
  });

  test('a body above the replay buffer is not sent again, and the error says so', async () => {
    const b = await serve();
    const a = await make({ ...known(b), replayBufferBytes: 1_000 });
    await a.ask(b.origin);
    await turn();
    const large = { method: 'PUT', body: 'x'.repeat(2_000), signal: AbortSignal.timeout(1_000) };
    expect(hangUpOf(await failureOf(a.ask(b.origin, large))).reason).toBe('not-recorded');
  });

  test('a key helps only where the origin is declared to honour it', async () => {
    const b = await serve();
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    const keyed = { ...POST, headers: { 'Idempotency-Key': 'k1' } };
    expect(hangUpOf(await failureOf(a.ask(b.origin, keyed))).reason).toBe('no-evidence');
    expect(b.heard).toEqual(['GET ', 'POST charge 5']);
  });

  test('an exhausted budget surfaces what only a replay at a cost could cure', async () => {
    const b = await serve();
    const a = await make({ ...known(b), budget: { ratio: 0, perSecond: 0, burst: 1 } });
    for (let i = 0; i < 2; i++) {
      expect(await a.ask(b.origin)).toBe(`on ${i}`);
      await turn();
    }
    expect(hangUpOf(await failureOf(a.ask(b.origin))).reason).toBe('budget-empty');
  });

  test('the same bytes are sent again, also if the caller has written over its Buffer meanwhile', async () => {
    const bodies: string[] = [];
    const part = Buffer.from('charge 5');
    const b = await serveRaw((socket, index) => {
      let text = '';
      socket.on('data', (data) => {
        text += data;
        if (text.startsWith('GET')) socket.write(answer('ok'));
        else if (!text.endsWith('0\r\n\r\n')) return;
        else {
          bodies.push(text.slice(text.indexOf('\r\n\r\n') + 4));
          part.fill('x');
          if (index === 0) socket.destroy();
          else socket.write(answer('ok'));
        }
        text = '';
      });
    });
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    async function* body() {
      yield part;
    }
    expect(await a.ask(b.origin, { method: 'PUT', body: body() })).toBe('ok');
    expect(bodies).toEqual(['8\r\ncharge 5\r\n0\r\n\r\n', '8\r\ncharge 5\r\n0\r\n\r\n']);
  });

  test('after a large response that is read slowly, idle time runs from its first byte', async () => {
    const large = 'x'.repeat(3_000_000);
    const b = await serveRaw((socket) => onRequests(socket, () => socket.write(answer(large))));
    const a = await make({ ...PATIENT, origins: { [b.origin]: { idleLimitMs: 500 } } });
    beforeItIsWritten(() => subscribeOnce('undici:request:headers', () => setImmediate(() => stall(600))));
    await a.ask(b.origin);
    await turn();
    // only just read to its end, but B's kernel may have taken the last byte long ago
    await a.ask(b.origin);
    expect(b.accepted).toHaveLength(2);
  });

  test.each([
    [
      'what is stated',
      'X-B: 1',
      (origin: string) => ({ marginMs: 500, origins: { [origin]: { idleLimitMs: 1_000 } } }),
    ],
    ['what B hints', 'Keep-Alive: timeout=1', () => ({ marginMs: 'auto' as const })],
  ])(
    'a request is not written to a connection that is past its cutoff, by %s less the margin',
    async (_, header, options) => {
      const b = await serve((socket) => void socket.write(answer('late')), header);
      const a = await make({ ...PATIENT, ...options(b.origin) });
      await a.ask(b.origin);
      await wait(5);
      beforeItIsWritten(() => stall(550));
      expect(await a.ask(b.origin)).toBe('on 1');
    },
  );

  test('when a connection hangs up, one that was idle as long goes with it', async () => {
    let connections = 0;
    const b = await serveRaw((socket) => {
      const answerMs = connections++ === 0 ? 30 : 0; // the one that is used next is idle for a shorter time
      let served = 0;
      onRequests(socket, () => {
        if (served++ === 0) setTimeout(() => socket.write(answer('ok')), answerMs);
        else socket.destroy();
      });
      socket.on('end', () => socket.end());
    });
    const a = await make(known(b));
    await Promise.all([a.ask(b.origin), a.ask(b.origin)]);
    await turn();
    await a.ask(b.origin);
    await wait(20);
    expect(b.accepted.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  });

  test('a FIN on an idle connection ends it in that moment', async () => {
    const b = await serve();
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    b.accepted[0]?.end();
    await Promise.race([once(b.accepted[0] as Socket, 'close'), wait(1_000)]);
    expect(b.accepted[0]?.closed).toBe(true);
    expect(a.counts()).toMatchObject({ letGo: 1, hangUps: 0 });
  });

  test('a 408 on a reused connection is a stale reuse: a GET goes again, a POST gets the 408 as its answer', async () => {
    const b = await serve((socket) => void socket.end(END));
    const a = await make(known(b));
    await a.ask(b.origin);
    await turn();
    expect(await a.ask(b.origin)).toBe('on 1');
    await turn();
    expect(await a.ask(b.origin, POST)).toBe('too late');
    expect(b.accepted).toHaveLength(2);
  });

  test('a hang-up reaches the log of the tenant whose request it was', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const b = await serve();
    const a = await make(known(b));
    await tenant.run('first tenant', () => a.ask(b.origin));
    await turn();
    let told: string | undefined;
    subscribeOnce(channels.hangUp, () => {
      told = tenant.getStore();
    });
    await tenant.run('second tenant', () => failureOf(a.ask(b.origin, POST)));
    expect(told).toBe('second tenant');
  });
});

function subscribeOnce(channel: string, act: () => void): void {
  const heard = () => {
    unsubscribe(channel, heard);
    act();
  };
  subscribe(channel, heard);
  onTestFinished(() => void unsubscribe(channel, heard));
}
