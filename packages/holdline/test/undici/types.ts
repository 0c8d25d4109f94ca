// Only type-checked: what Holdline gives is what each undici's types want, and it takes what they take.
import * as undici7 from 'undici-7';
import * as undici8 from 'undici-8';
import { connector, dispatcher } from '../../src/undici/index.js';

const connect = connector({ ca: 'pem', timeout: 500, autoSelectFamily: true, keepAlive: true, maxIdleMs: 5_000 });
export const clients = [
  new undici7.Agent({ connect }),
  new undici7.Pool('http://127.0.0.1', { connect, connections: 2 }),
  new undici7.Client('http://127.0.0.1', { connect }),
  new undici8.Agent({ connect }),
  new undici8.Pool('http://127.0.0.1', { connect }),
  new undici8.Client('http://127.0.0.1', { connect }),
];

const of7 = dispatcher({ mode: 'on', connections: 5, rejectUnauthorized: false, connect: { ca: 'pem' } }, undici7);
const of8: undici8.Agent = dispatcher({ headersTimeout: 1_000, servername: 'b.test' }, undici8);
undici8.setGlobalDispatcher(of8);
export const answers = [
  undici7.fetch('http://127.0.0.1', { dispatcher: of7 }),
  undici8.request('http://127.0.0.1', { dispatcher: of8 }),
  fetch('http://127.0.0.1', { dispatcher: dispatcher() }),
];
export const replays = of7.counts().replays;

/** Through a proxy, as the guide tells it. */
export const proxied = new undici7.ProxyAgent({
  uri: 'http://127.0.0.1',
  factory: (origin, options: undici7.Pool.Options) =>
    new undici7.Pool(origin, {
      ...options,
      connect: connector({ ...(typeof options.connect === 'function' && { connect: options.connect }) }),
    }),
});
