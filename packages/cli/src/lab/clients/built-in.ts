/**
 * The clients that the lab brings along: how the process of each gets its adapter, and what has to be installed for it.
 * A title says what is not the client's default, as far as people set it.
 */
export const builtIn = {
  'http-agent': { title: 'http.Agent, keepAlive', packages: [], load: () => import('./http-agent.js') },
  agentkeepalive: { title: 'agentkeepalive', packages: ['agentkeepalive'], load: () => import('./agentkeepalive.js') },
  'undici-agent': { title: 'undici Agent', packages: ['undici'], load: () => import('./undici-agent.js') },
  'undici-retry-agent': {
    title: 'undici RetryAgent',
    packages: ['undici'],
    load: () => import('./undici-retry-agent.js'),
  },
  fetch: { title: 'fetch', packages: [], load: () => import('./fetch.js') },
  got: { title: 'got, keepAlive agent', packages: ['got'], load: () => import('./got.js') },
  axios: { title: 'axios, keepAlive agent', packages: ['axios'], load: () => import('./axios.js') },
  'axios-retry': {
    title: 'axios-retry, keepAlive agent',
    packages: ['axios', 'axios-retry'],
    load: () => import('./axios-retry.js'),
  },
  ky: { title: 'ky', packages: ['ky'], load: () => import('./ky.js') },
} as const;

/** A client's id. */
export type BuiltInId = keyof typeof builtIn;
