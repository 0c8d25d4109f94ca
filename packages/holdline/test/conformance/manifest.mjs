// Every client and every case: a cell is one of each. One that does not run fails, unless it stands here that the client has
// no notion of it, or that this Node has not got the client.
import { cases } from './cases.mjs';

const OWN_WAY = 'undici has a function of its own for it, in another row';
const NOT_FETCH = 'fetch knows neither upgrade nor CONNECT';
const FETCH = { upgrade: NOT_FETCH, connect: NOT_FETCH };
const NO_TUNNEL = { upgrade: 'it offers no upgrade', connect: 'it offers no CONNECT' };

const undici = (version, make) => ({ file: 'undici', make, undici: `undici-${version}` });
const undici8 = (make) => ({ ...undici(8, make), needsNode: [22, 19] });
const OWN_ROWS = { lacks: { upgrade: OWN_WAY, connect: OWN_WAY } };

/** `lacks`: what it has no notion of, and why. `needsNode`: the oldest Node that it runs on. */
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
  'axios, fetch adapter': { file: 'on-undici', make: 'axiosFetch', lacks: NO_TUNNEL },
  got: { file: 'on-http', make: 'gotClient', lacks: NO_TUNNEL },
  ky: { file: 'on-undici', make: 'kyClient', lacks: NO_TUNNEL },
  'node-fetch': { file: 'on-http', make: 'nodeFetchClient', lacks: NO_TUNNEL },
  superagent: {
    file: 'on-http',
    make: 'superagentClient',
    lacks: { ...NO_TUNNEL, upload: 'it takes a stream only by being piped to, and then gives no promise' },
  },
  'stripe-node': {
    file: 'on-http',
    make: 'stripe',
    lacks: {
      ...NO_TUNNEL,
      abort: 'a request of its cannot be aborted',
      upload: 'it sends objects, not streams',
      head: 'it has no HEAD',
    },
  },
  openai: {
    file: 'on-undici',
    make: 'openai',
    lacks: { ...NO_TUNNEL, upload: 'it sends objects, not streams', head: 'it has no HEAD' },
  },
  '@aws-sdk': { file: 'on-http', make: 'aws', lacks: NO_TUNNEL },
  '@elastic/elasticsearch': { file: 'on-undici', make: 'elasticsearch', lacks: NO_TUNNEL },
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
