// `retry` reads what a client gives it: for each client the same answer to the same fault.
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import axios from 'axios';
import { Gaxios } from 'gaxios';
import got from 'got';
import nodeFetch from 'node-fetch';
import superagent from 'superagent';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Attempt, channels, type RetryEvent, type RetryOptions, retry } from '../../src/retry/index.js';

type Send = (method: 'GET' | 'POST', url: string, attempt: Attempt) => PromiseLike<unknown>;

const agent = new http.Agent({ keepAlive: true });

const clients: Readonly<Record<string, Send>> = {
  axios: (method, url, { signal }) => axios.request({ method, url, signal, httpAgent: agent, proxy: false }),
  'axios, streams': (method, url, { signal }) =>
    axios.request({ method, url, signal, httpAgent: agent, proxy: false, responseType: 'stream' }),
  'axios, every status resolves': (method, url, { signal }) =>
    axios.request({ method, url, signal, httpAgent: agent, proxy: false, validateStatus: null }),
  'axios on fetch': (method, url, { signal }) => axios.request({ method, url, signal, adapter: 'fetch' }),
  got: (method, url, { signal }) => got(url, { method, signal, agent: { http: agent }, retry: { limit: 0 } }),
  'got, every status resolves': (method, url, { signal }) =>
    got(url, { method, signal, agent: { http: agent }, retry: { limit: 0 }, throwHttpErrors: false }),
  superagent: (method, url) => superagent(method, url).agent(agent),
  gaxios: (method, url, { signal }) => new Gaxios({ agent }).request({ method, url, signal }),
  'node-fetch': (method, url, { signal }) => nodeFetch(url, { method, signal: signal as never, agent }),
  fetch: (method, url, { signal }) => fetch(url, { method, signal }),
};

/** A port of loopback where nobody listens. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** B, which answers the first two requests to `/busy` by a 503, breaks off those to `/reset`, and redirects `/moved`. */
async function startB(nowhere: number) {
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests++;
    request.resume();
    if (request.url === '/busy' && requests < 3) response.writeHead(503, { 'Retry-After': '0' }).end('busy');
    else if (request.url === '/reset' && requests < 3) request.socket.resetAndDestroy();
    else if (request.url === '/moved') response.writeHead(303, { Location: `http://127.0.0.1:${nowhere}/` }).end();
    else response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

let told: string[];
beforeEach(() => {
  told = [];
  const hear = (event: unknown) => {
    const { action, reason, status, code } = event as RetryEvent;
    told.push([action, reason, status ?? code].filter(Boolean).join(' '));
  };
  subscribe(channels.retry, hear);
  onTestFinished(() => void unsubscribe(channels.retry, hear));
});

const quick: RetryOptions = { attempts: 3, baseDelayMs: 1 };

for (const [name, send] of Object.entries(clients)) {
  describe(name, () => {
    test('a GET that B answers by 503 is made until B answers it', async () => {
      const b = await startB(0);
      await retry((attempt) => send('GET', `${b.origin}/busy`, attempt), { ...quick, idempotent: true });
      expect(told).toEqual(['retry idempotent 503', 'retry idempotent 503', 'stop answered']);
    });

    test('a POST that B breaks off is made once without a key, and until it is answered with one', async () => {
      const b = await startB(0);
      const post = (attempt: Attempt) => send('POST', `${b.origin}/reset`, attempt);
      await expect(retry(post, quick)).rejects.toBeInstanceOf(Error);
      expect([b.requests(), told]).toEqual([1, ['stop may-run-twice ECONNRESET']]);
      await retry(post, { ...quick, key: 'auto' });
      expect(b.requests()).toBe(3);
    });

    test('a POST that nobody takes was not sent', async () => {
      const nowhere = await freePort();
      await expect(
        retry((attempt) => send('POST', `http://127.0.0.1:${nowhere}/`, attempt), quick),
      ).rejects.toBeInstanceOf(Error);
      const refused = 'retry unsent ECONNREFUSED';
      expect(told).toEqual([refused, refused, 'stop attempts-spent ECONNREFUSED']);
    });

    test('a POST that B executed, and whose redirect nobody takes, is made once', async () => {
      const b = await startB(await freePort());
      await expect(retry((attempt) => send('POST', `${b.origin}/moved`, attempt), quick)).rejects.toBeInstanceOf(Error);
      expect([b.requests(), told]).toEqual([1, ['stop may-run-twice ECONNREFUSED']]);
    });
  });
}

test('the examples that use a client run, of the guide and in the code', async () => {
  const read = (file: string) => readFileSync(path.join(import.meta.dirname, '../../../..', file), 'utf8');
  const guide = read('docs/guides/retry.md').matchAll(/^```js\n(.*?)^```/gms);
  const code = read('packages/holdline/src/retry/interceptor.ts').matchAll(/@example\n(.*?)\n \*\//gs);
  const examples = [...guide, ...code].map(([, example]) => (example ?? '').replace(/^ \* ?/gm, ''));
  const own = examples.filter((example) => /from '(axios|got|undici)'/.test(example));
  expect(own).toHaveLength(4);
  const b = await startB(0);
  for (const example of own) {
    const moved = example.replaceAll('http://127.0.0.1:3000', b.origin).replace("from 'undici'", "from 'undici7'");
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', moved], {
      cwd: import.meta.dirname,
      timeout: 10_000,
    });
    expect(stdout + stderr).toBe('');
  }
  expect(b.requests()).toBe(4);
});
