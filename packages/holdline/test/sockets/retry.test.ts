import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { channels, type RetryEvent } from '../../src/events/channels.js';
import { type Attempt, retry } from '../../src/retry/index.js';
import { retryEvents } from '../retry-world.js';
import { diesOverRequests, failureOf, listen, patientAgent, serveHttp, wait } from './support.js';

type Target = Omit<RequestOptions, 'headers'> & { readonly headers?: OutgoingHttpHeaders };

/** A request as a program makes it with `node:http`: its response, unread. */
function request({ headers, ...options }: Target, { signal, key }: Attempt, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    http
      .request(
        {
          host: '127.0.0.1',
          ...options,
          headers: { ...headers, ...(key !== undefined && { 'Idempotency-Key': key }) },
          signal,
        },
        resolve,
      )
      .on('error', reject)
      .end(body);
  });
}

/** A port of loopback where nobody listens. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function agentOf(maxSockets = Infinity): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets });
  onTestFinished(() => agent.destroy());
  return agent;
}

test('a POST that B, which was down, refused is made once B is up, without a key', async () => {
  const port = await freePort();
  const executed: string[] = [];
  const events = retryEvents();
  let up: Promise<unknown> | undefined;
  const response = await retry(
    (attempt) => {
      if (attempt.number === 3) {
        const server = http.createServer(async (req, res) => {
          executed.push(await text(req));
          res.end('ok');
        });
        up = listen(server, 'http:', port);
      }
      return (up ?? Promise.resolve()).then(() => request({ port, method: 'POST' }, attempt, 'order'));
    },
    { baseDelayMs: 5 },
  );
  expect(await text(response)).toBe('ok');
  expect(executed).toEqual(['order']);
  expect(events.map(({ action, reason, code }) => [action, reason, code])).toEqual([
    ['retry', 'unsent', 'ECONNREFUSED'],
    ['retry', 'unsent', 'ECONNREFUSED'],
    ['stop', 'answered', undefined],
  ]);
});

test('fetch, too: the refusal stands in the cause', async () => {
  const port = await freePort();
  const events = retryEvents();
  const error = await failureOf(
    retry(({ signal }) => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'order', signal }), {
      attempts: 2,
      baseDelayMs: 1,
    }),
  );
  expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  expect(events.map(({ reason }) => reason)).toEqual(['unsent', 'attempts-spent']);
  expect(events.at(-1)?.error).toBe(error);
});

test('a name that is not resolved was sent nothing', async () => {
  const events = retryEvents();
  const lookup: net.LookupFunction = (_host, _options, done) =>
    done(Object.assign(new Error('try again'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }), '', 4);
  await failureOf(
    retry((attempt) => request({ host: 'b.test', port: 1, method: 'POST', lookup }, attempt), {
      attempts: 2,
      baseDelayMs: 1,
    }),
  );
  expect(events.map(({ reason }) => reason)).toEqual(['unsent', 'attempts-spent']);
});

for (const client of ['node:http', 'fetch'] as const) {
  test(`${client}: a 503 with Retry-After is asked again, no earlier, and its connection is free again`, async () => {
    const times: number[] = [];
    const b = await serveHttp((req, res) => {
      times.push(performance.now());
      req.resume();
      // a small one can be read to its end, one without an end can only be cancelled
      if (times.length === 1) res.writeHead(503, { 'Retry-After': '1' }).end('busy');
      else if (times.length === 2) res.writeHead(503).write('busy without end');
      else res.end('ok');
    });
    const agent = agentOf(1);
    const answer = await retry(
      async (attempt) => {
        if (client === 'fetch') return fetch(b.origin, { signal: attempt.signal });
        return request({ port: b.port, agent }, attempt);
      },
      { idempotent: true, baseDelayMs: 1, origin: b.origin },
    );
    expect(await (answer instanceof Response ? answer.text() : text(answer))).toBe('ok');
    expect(times).toHaveLength(3);
    // a timer of Node's may be a millisecond early
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(998);
    if (client === 'node:http') expect(b.accepted).toHaveLength(2);
  });
}

const clients = {
  'node:http': (port: number, attempt: Attempt) =>
    request({ port, method: 'POST', headers: { 'Content-Length': 5 } }, attempt, 'order').then(text),
  fetch: (port: number, { signal, key }: Attempt) =>
    fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: 'order',
      signal,
      headers: key === undefined ? {} : { 'Idempotency-Key': key },
    }).then((response) => response.text()),
};

for (const [name, client] of Object.entries(clients)) {
  test(`${name}: a POST without a key is not made again after a hang-up, for B executed it`, async () => {
    const b = await diesOverRequests(1);
    const events = retryEvents();
    await failureOf(retry((attempt) => client(b.port, attempt), { baseDelayMs: 1 }));
    await wait(30);
    expect(b.executed).toEqual([{ key: undefined, body: 'order' }]);
    expect(events.map(({ action, reason }) => [action, reason])).toEqual([['stop', 'may-run-twice']]);
  });

  test(`${name}: with a key it is, with the same key every time`, async () => {
    const b = await diesOverRequests(2);
    expect(await retry((attempt) => client(b.port, attempt), { key: 'auto', baseDelayMs: 1 })).toBe('ok');
    expect(b.executed).toHaveLength(3);
    expect(new Set(b.executed.map(({ key }) => key)).size).toBe(1);
    expect(b.executed[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });
}

test('a POST whose redirect leads where nobody listens was executed, and is not made again', async () => {
  const port = await freePort();
  let executed = 0;
  const b = await serveHttp((req, res) => {
    executed++;
    req.resume();
    res.writeHead(303, { Location: `http://127.0.0.1:${port}/order/7` }).end();
  });
  const post = ({ signal }: Attempt) => fetch(b.origin, { method: 'POST', body: 'order', signal });
  const error = await failureOf(retry(post, { baseDelayMs: 1 }));
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  expect(executed).toBe(1);
});

test('a hang-up that a Holdline agent replayed once, and that hung up again, is made again with leave', async () => {
  const b = await diesOverRequests(3);
  const agent = patientAgent(b);
  const answer = await retry((attempt) => request({ port: b.port, agent }, attempt).then(text), {
    idempotent: true,
    baseDelayMs: 1,
  });
  expect(answer).toBe('ok');
  expect(b.executed).toHaveLength(4);
});

test('an abort during a wait ends it at once, and nothing is sent any more', async () => {
  let requests = 0;
  const b = await serveHttp((_req, res) => {
    requests++;
    res.writeHead(503, { 'Retry-After': '20' }).end();
  });
  const abort = new AbortController();
  const reason = new Error('no more');
  const waits = new Promise<void>((resolve) => {
    const hear = (event: unknown) => void ((event as RetryEvent).action === 'retry' && resolve());
    subscribe(channels.retry, hear);
    onTestFinished(() => void unsubscribe(channels.retry, hear));
  });
  const begun = performance.now();
  const call = retry((attempt) => request({ port: b.port }, attempt), { idempotent: true, signal: abort.signal });
  await waits;
  abort.abort(reason);
  expect(await failureOf(call)).toBe(reason);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(requests).toBe(1);
});

test('the deadline ends an attempt whose answer does not come, and its connection', async () => {
  let closed: Promise<unknown> | undefined;
  const b = await serveHttp((req) => {
    closed = once(req.socket, 'close');
  });
  const error = await failureOf(retry((attempt) => request({ port: b.port }, attempt), { deadlineMs: 100 }));
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  await closed;
});

test("the caller's signal still ends the reading of a body that was given, also where there was a deadline", async () => {
  const b = await serveHttp((_req, res) => void res.write('a part'));
  for (const deadlineMs of [undefined, 60_000]) {
    for (const client of ['fetch', 'node:http'] as const) {
      const abort = new AbortController();
      const options = { signal: abort.signal, ...(deadlineMs !== undefined && { deadlineMs }) };
      const reading = await retry(async (attempt) => {
        if (client === 'fetch') return fetch(b.origin, { signal: attempt.signal });
        return request({ port: b.port }, attempt);
      }, options).then((response) => {
        const body = response instanceof Response ? response.text() : text(response);
        return { failed: failureOf(body) };
      });
      await wait(10);
      abort.abort();
      const { message } = await reading.failed;
      expect(message, `${client}, ${deadlineMs}`).toMatch(/aborted/);
    }
  }
});
