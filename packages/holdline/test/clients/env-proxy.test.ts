import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type B, startB } from './support/b.js';
import { type Proxy, startProxy } from './support/proxy.js';

const ownMajor = Number(process.versions.node.split('.')[0]);
/** A Node that reads proxies from the environment: this one, or one that the ring has found. */
const node = ownMajor >= 24 ? process.execPath : process.env['HOLDLINE_NODE_24'];

const NAMES = [
  'global',
  'holdline',
  'holdline with proxyEnv',
  'holdline where NO_PROXY names B',
  'holdline past the proxy',
];

let proxy: Proxy;
let b: B;
beforeAll(async () => {
  [proxy, b] = await Promise.all([startProxy(), startB()]);
});
afterAll(() => Promise.all([proxy.stop(), b.stop()]));

test('under NODE_USE_ENV_PROXY an Agent goes by the proxy without a Line, as it tells once, and with one elsewhere', async (ctx) => {
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
  for (const name of NAMES) {
    await once(program, 'message');
    const { tunnels, requests } = await proxy.seen();
    through[name] = tunnels + requests - before;
    before = tunnels + requests;
    program.send('on');
  }
  const [{ told, warnings }] = await once(program, 'message');
  // each asked twice, the second time over a connection that B ended
  expect(Object.values(through)).toEqual([2, 2, 2, 0, 0]);
  expect(told).toEqual({
    global: { first: 200, second: 'socket hang up' },
    holdline: { first: 200, second: 'socket hang up', lines: 0 },
    'holdline with proxyEnv': { first: 200, second: 'socket hang up', lines: 0 },
    'holdline where NO_PROXY names B': { first: 200, second: 200, lines: 2 },
    'holdline past the proxy': { first: 200, second: 200, lines: 2 },
  });
  expect(warnings).toMatchObject([{ code: 'HOLDLINE_UNSUPPORTED' }]);
  expect(warnings[0].message).toMatch(/proxy .* no Line: .* name origins that need no proxy in NO_PROXY/);
});
