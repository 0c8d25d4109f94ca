import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { throughProxy } from '../../../../examples/https-proxy-agent/through-proxy.js';
import { HttpsAgent, isHangUpError } from '../../src/index.js';
import { type B, ca, startB } from './support/b.js';
import { describeClient } from './support/describe-client.js';
import { type Proxy, startProxy } from './support/proxy.js';
import { type Client, Run } from './support/run.js';

let proxy: Proxy;
let b: B;
beforeAll(async () => {
  [proxy, b] = await Promise.all([startProxy(), startB()]);
});
afterAll(() => Promise.all([proxy.stop(), b.stop()]));

function requestsOver(agent: https.Agent): Client {
  return {
    async send({ method, url, headers, body }) {
      const request = (url.startsWith('https:') ? https : http).request(url, { agent, method, headers, ca });
      request.end(body);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      await once(response, 'end');
    },
  };
}

describeClient('https-proxy-agent under Holdline', ({ agent }) => requestsOver(throughProxy(agent, proxy.url)), {
  hangUpAt: 'error',
  hop: { open: () => proxy.open() },
});

test('all of that went through the proxy', async () => {
  expect((await proxy.seen()).tunnels).toBeGreaterThan(20);
});

test('a proxy that refuses the tunnel is told of as an error, and the request does not hang', async () => {
  const agent = throughProxy(new HttpsAgent({ ca }), proxy.url, { 'x-refuse': 'yes' });
  const run = await Run.start(b, 'https', agent, () => requestsOver(agent));
  expect((await run.send('get')).error?.message).toContain('The proxy answered 403');
});

test('as the agent itself it has its own sockets, with no Line: its connections hang up', async () => {
  const bare = new HttpsProxyAgent(proxy.url, { keepAlive: true }) as unknown as https.Agent;
  const run = await Run.start(b, 'https', bare, () => requestsOver(bare));
  await run.prime('get');
  const { error } = await run.send('get', 'unread');
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(isHangUpError(error)).toBe(false);
});
