import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type B, startB } from './support/b.js';
import { type Proxy, startProxy } from './support/proxy.js';

const ownMajor = Number(process.versions.node.split('.')[0]);
/** A Node that reads proxies from the environment: this one, or one that the ring has found. */
const node = ownMajor >= 24 ? process.execPath : process.env['HOLDLINE_NODE_24'];

let proxy: Proxy;
let b: B;
beforeAll(async () => {
  [proxy, b] = await Promise.all([startProxy(), startB()]);
});
afterAll(() => Promise.all([proxy.stop(), b.stop()]));

test('NODE_USE_ENV_PROXY is for the global agent: an Agent goes by itself, or by the proxy without a Line', async (ctx) => {
  ctx.skip(!node, `NODE_USE_ENV_PROXY needs Node 24; this is ${ownMajor}, and no other is installed for these tests`);
  const program = fork(path.join(import.meta.dirname, 'support/env-proxy.mjs'), [b.http], {
    execPath: node,
    execArgv: [],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy.url,
      NO_PROXY: '',
      no_proxy: '',
    },
  });
  onTestFinished(() => void program.kill());
  const through: Record<string, number> = {};
  let before = 0;
  for (const name of ['global', 'holdline', 'holdline with proxyEnv']) {
    await once(program, 'message');
    const { tunnels, requests } = await proxy.seen();
    through[name] = tunnels + requests - before;
    before = tunnels + requests;
    program.send('on');
  }
  const [told] = await once(program, 'message');
  // each asked twice, the second time over a connection that B ended
  expect(through).toEqual({ global: 2, holdline: 0, 'holdline with proxyEnv': 2 });
  expect(told).toEqual({
    global: { first: 200, second: 'socket hang up' },
    holdline: { first: 200, second: 200, lines: 2 },
    'holdline with proxyEnv': { first: 200, second: 'socket hang up', lines: 0 },
  });
});
