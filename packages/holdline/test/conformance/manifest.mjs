// Every client and every case: a cell is one of each. One that does not run fails, unless it stands here that the client has
// no notion of it, or that this Node has not got the client.
import { cases } from './cases.mjs';

const NO_EXPECT = 'it refuses the header Expect';
const OWN_WAY = 'undici has a function of its own for it, in another row';
const NOT_FETCH = 'it offers neither';
const FETCH = { upgrade: NOT_FETCH, connect: NOT_FETCH, expect: NO_EXPECT };
const NO_TUNNEL = { upgrade: 'it offers neither', connect: 'it offers neither' };
const ON_FETCH = { ...NO_TUNNEL, expect: NO_EXPECT };

const NO_OWN_EXPECT = { lacks: { expect: NO_EXPECT } };
const undici = (version, make) => ({
  file: 'undici',
  make,
  on: 'undici',
  undici: `undici-${version}`,
  ...NO_OWN_EXPECT,
});
const undici8 = (make) => ({ ...undici(8, make), needsNode: [22, 19] });
const OWN_ROWS = { lacks: { upgrade: OWN_WAY, connect: OWN_WAY, expect: NO_EXPECT } };

/**
 * `file` and `make`: its adapter. `on`: whose connections it has. `lacks`: what it has no notion of, and why. `refuses`: the cases that it ends with an error of its own, whatever its
 * connections are. `needsNode`: the oldest Node that it runs on.
 */
export const clients = {
  http: { file: 'node', make: 'nodeHttp', on: 'http' },
  https: { file: 'node', make: 'nodeHttp', on: 'http', scheme: 'https' },
  'undici 7 request': undici(7, 'request'),
  'undici 7 request, https': { ...undici(7, 'request'), scheme: 'https' },
  'undici 7 stream': { ...undici(7, 'stream'), ...OWN_ROWS },
  'undici 7 pipeline': { ...undici(7, 'pipeline'), ...OWN_ROWS },
  'undici 8 request': undici8('request'),
  'undici 8 request, https': { ...undici8('request'), scheme: 'https' },
  'undici 8 stream': { ...undici8('stream'), ...OWN_ROWS },
  'undici 8 pipeline': { ...undici8('pipeline'), ...OWN_ROWS },
  fetch: { file: 'undici', make: 'builtInFetch', on: 'fetch', lacks: FETCH },
  'fetch, https': { file: 'undici', make: 'builtInFetch', on: 'fetch', scheme: 'https', lacks: FETCH },
  'axios, http adapter': { file: 'axios', make: 'axiosHttp', on: 'http', lacks: NO_TUNNEL },
  'axios, fetch adapter': { file: 'axios', make: 'axiosFetch', on: 'fetch', lacks: ON_FETCH },
  got: { file: 'got', make: 'gotClient', on: 'http', lacks: NO_TUNNEL },
  ky: { file: 'ky', make: 'kyClient', on: 'fetch', lacks: ON_FETCH },
  'node-fetch': { file: 'node-fetch', make: 'nodeFetchClient', on: 'http', lacks: NO_TUNNEL },
  superagent: {
    file: 'superagent',
    make: 'superagentClient',
    on: 'http',
    lacks: {
      ...NO_TUNNEL,
      expect: 'it sets other headers once that one is sent',
      upload: 'it takes a stream only by being piped to, and then gives no promise',
    },
  },
  'stripe-node': {
    file: 'stripe',
    make: 'stripe',
    on: 'http',
    lacks: {
      ...NO_TUNNEL,
      abort: 'a request of its cannot be aborted',
      upload: 'it sends objects, not streams',
      head: 'it has no HEAD',
      'any body': 'what is no JSON object ends the program',
    },
    refuses: ['body: empty', 'status 204', 'status 304', 'gzip', 'redirect 302', 'redirect 307 of a POST'],
  },
  openai: {
    file: 'openai',
    make: 'openai',
    on: 'fetch',
    lacks: { ...ON_FETCH, upload: 'it sends objects, not streams', head: 'it has no HEAD' },
    refuses: ['status 304'],
  },
  '@aws-sdk': { file: 'aws', make: 'aws', on: 'http', lacks: NO_TUNNEL },
  '@elastic/elasticsearch': { file: 'elasticsearch', make: 'elasticsearch', on: 'undici', lacks: ON_FETCH },
};

/** Why a client has no notion of a case, or nothing. */
export function lackOf(client, name) {
  const { lacks = {} } = clients[client];
  const needs = cases[name].needs?.split(', ') ?? [];
  return needs.map((need) => lacks[need]).find((reason) => reason !== undefined);
}

/** Whether this Node, or the one with a version, runs a client. */
export function runsOn(client, version = process.versions.node) {
  const { needsNode = [20, 0] } = clients[client];
  const [major, minor] = version.split('.').map(Number);
  return major > needsNode[0] || (major === needsNode[0] && minor >= needsNode[1]);
}
