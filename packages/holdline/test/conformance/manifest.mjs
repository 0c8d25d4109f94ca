// Every client and every case: a cell is one of each. One that does not run fails, unless it stands here that the client has
// no notion of it, or that this Node has not got the client.
import { cases } from './cases.mjs';

const NO_EXPECT = 'it refuses the header Expect';
const OWN_WAY = 'undici has a function of its own for it, in another row';
const NOT_FETCH = 'fetch knows neither upgrade nor CONNECT';
const FETCH = { upgrade: NOT_FETCH, connect: NOT_FETCH, expect: NO_EXPECT };
const NO_TUNNEL = { upgrade: 'it offers no upgrade', connect: 'it offers no CONNECT' };
const ON_FETCH = { ...NO_TUNNEL, expect: NO_EXPECT };

const NO_OWN_EXPECT = { lacks: { expect: NO_EXPECT } };
const undici = (version, make) => ({ file: 'undici', make, undici: `undici-${version}`, ...NO_OWN_EXPECT });
const undici8 = (make) => ({ ...undici(8, make), needsNode: [22, 19] });
const OWN_ROWS = { lacks: { upgrade: OWN_WAY, connect: OWN_WAY, expect: NO_EXPECT } };

/**
 * `lacks`: what it has no notion of, and why. `refuses`: the cases that it ends with an error of its own, whatever its
 * connections are. `needsNode`: the oldest Node that it runs on.
 */
export const clients = {
  http: { file: 'node', make: 'nodeHttp' },
  https: { file: 'node', make: 'nodeHttp', scheme: 'https' },
  'undici 7 request': undici(7, 'request'),
  'undici 7 request, https': { ...undici(7, 'request'), scheme: 'https' },
  'undici 7 stream': { ...undici(7, 'stream'), ...OWN_ROWS },
  'undici 7 pipeline': { ...undici(7, 'pipeline'), ...OWN_ROWS },
  'undici 8 request': undici8('request'),
  'undici 8 request, https': { ...undici8('request'), scheme: 'https' },
  'undici 8 stream': { ...undici8('stream'), ...OWN_ROWS },
  'undici 8 pipeline': { ...undici8('pipeline'), ...OWN_ROWS },
  fetch: { file: 'undici', make: 'builtInFetch', lacks: FETCH },
  'fetch, https': { file: 'undici', make: 'builtInFetch', scheme: 'https', lacks: FETCH },
  'axios, http adapter': { file: 'on-http', make: 'axiosHttp', lacks: NO_TUNNEL },
  'axios, fetch adapter': { file: 'on-undici', make: 'axiosFetch', lacks: ON_FETCH },
  got: { file: 'on-http', make: 'gotClient', lacks: NO_TUNNEL },
  ky: { file: 'on-undici', make: 'kyClient', lacks: ON_FETCH },
  'node-fetch': { file: 'on-http', make: 'nodeFetchClient', lacks: NO_TUNNEL },
  superagent: {
    file: 'on-http',
    make: 'superagentClient',
    lacks: {
      ...NO_TUNNEL,
      expect: 'it sets other headers once that one is sent',
      upload: 'it takes a stream only by being piped to, and then gives no promise',
    },
  },
  'stripe-node': {
    file: 'on-http',
    make: 'stripe',
    lacks: {
      ...NO_TUNNEL,
      abort: 'a request of its cannot be aborted',
      upload: 'it sends objects, not streams',
      head: 'it has no HEAD',
      'any body': 'what is no JSON object ends the program',
    },
    refuses: ['body: empty', '204', '304', 'gzip', 'redirect 302', 'redirect 307 of a POST'],
  },
  openai: {
    file: 'on-undici',
    make: 'openai',
    lacks: { ...ON_FETCH, upload: 'it sends objects, not streams', head: 'it has no HEAD' },
    refuses: ['304'],
  },
  '@aws-sdk': { file: 'on-http', make: 'aws', lacks: NO_TUNNEL },
  '@elastic/elasticsearch': { file: 'on-undici', make: 'elasticsearch', lacks: ON_FETCH },
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
