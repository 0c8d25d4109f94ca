// What is measured. A cell is one workload of one client, with all arms side by side. It states the arm to which all ratios
// are (`base`), and a second one to which that of CPU is (`peer`).
import { agentArms, keyArms, nameOf } from './arms.mjs';

const METHODS = { GET: 'GET', POST: 'POST of 1 KB' };
const TRANSPORTS = { http: 'HTTP', https: 'HTTPS' };

function ofEachTransport(make) {
  return Object.keys(TRANSPORTS).flatMap((transport) => make(transport, TRANSPORTS[transport]));
}

const onAgents = { client: 'http', base: 'node', peer: 'keepalive', arms: agentArms };

const hot = ofEachTransport((transport, name) =>
  Object.keys(METHODS).flatMap((method) =>
    [1, 50, 500].map((concurrency) => ({
      id: `hot/${transport}/${method}/${concurrency}`,
      title: `hot: ${METHODS[method]} over ${name}, ${concurrency} at once`,
      ...{ kind: 'hot', transport, method, concurrency },
      ...onAgents,
    })),
  ),
);

const paced = ofEachTransport((transport, name) =>
  Object.keys(METHODS).map((method) => ({
    id: `paced/${transport}/${method}`,
    title: `paced: ${METHODS[method]} over ${name}`,
    ...{ kind: 'paced', transport, method },
    ...onAgents,
  })),
);

const heap = ofEachTransport((transport, name) => ({
  id: `heap/${transport}`,
  title: `heap of an idle connection, ${name}`,
  ...{ kind: 'heap', transport, method: 'GET' },
  ...onAgents,
}));

// A stale GET has no base: its pair is a GET of the same arm that needs a new connection.
const stale = ofEachTransport((transport, name) => ({
  id: `stale/${transport}`,
  title: `a stale GET, recovered over ${name}`,
  ...{ kind: 'stale', transport, method: 'GET', client: 'http' },
  arms: ['on'], // the others do not recover it
}));

const onUndici = (client) => ({ transport: 'http', client, base: client, peer: 'retryAgent' });
const undiciArms = (client) => [client, 'again', 'duplex', 'retryAgent', 'connector', 'dispatcher'];

const undici = [
  ...['request', 'dispatch', 'fetch'].flatMap((client) =>
    Object.keys(METHODS).map((method) => ({
      id: `undici/hot/${client}/${method}`,
      title: `hot: ${METHODS[method]} by ${nameOf(client)}, 50 at once`,
      ...{ kind: 'hot', method, concurrency: 50 },
      ...onUndici(client),
      arms: [...undiciArms(client), 'raw'],
    })),
  ),
  {
    id: 'undici/paced/request/GET',
    title: `paced: GET by ${nameOf('request')}`,
    ...{ kind: 'paced', method: 'GET' },
    ...onUndici('request'),
    arms: undiciArms('request'),
  },
  {
    id: 'undici/stale/request',
    title: `a stale GET by ${nameOf('request')}, recovered`,
    ...{ kind: 'stale', transport: 'http', method: 'GET', client: 'request' },
    arms: ['dispatcher', 'connector', 'retryAgent'],
  },
];

// Here the arms serve, and are measured.
const onServers = { serves: true, transport: 'http', method: 'GET', base: 'bare', arms: ['bare', 'again', 'hardened'] };
const servers = [
  {
    id: 'server/hot/http/GET/50',
    title: 'a server, hot: GET over HTTP, 50 at once',
    ...{ kind: 'hot', concurrency: 50 },
    ...onServers,
  },
  { id: 'server/heap/http', title: 'heap of an idle connection at a server, HTTP', kind: 'heap', ...onServers },
];

/** All cells, in the order in which they are run and told. */
export const cells = [...hot, ...paced, ...heap, ...stale, ...undici, ...servers];

/** The few that tell most. */
const keyCells = [
  'hot/http/GET/50',
  'paced/http/GET',
  'heap/http',
  'stale/http',
  'undici/hot/request/GET',
  ...servers.map(({ id }) => id),
];

/** How much is measured: a round is one block of each arm, a launch starts new processes (see statistics.mjs). */
const efforts = {
  whole: {
    hot: { launches: 3, rounds: 10, blockMs: 30, warmUpRequests: 12_000 },
    paced: { launches: 3, rounds: 5, windowMs: 150, warmUpMs: 1_500 },
    heap: { launches: 3, rounds: 1, connections: 1_000 },
    stale: { launches: 5, rounds: 1, trials: 60, limitMs: 3_000 },
  },
  quick: {
    hot: { launches: 3, rounds: 16, blockMs: 30, warmUpRequests: 16_000 },
    paced: { launches: 3, rounds: 6, windowMs: 150, warmUpMs: 1_500 },
    heap: { launches: 3, rounds: 1, connections: 1_000 },
    stale: { launches: 3, rounds: 1, trials: 30, limitMs: 1_500 },
  },
};

/**
 * What a run measures.
 *
 * @param only - A regular expression for the ids of the cells; left out, all of them.
 * @returns `{ cell, arms, effort }[]`
 */
export function plan({ quick = false, only }) {
  const chosen = cells.filter(({ id }) => (only ? only.test(id) : !quick || keyCells.includes(id)));
  return chosen.map((cell) => ({
    cell,
    arms: quick ? cell.arms.filter((arm) => [cell.base, cell.peer, ...keyArms].includes(arm)) : cell.arms,
    effort: efforts[quick ? 'quick' : 'whole'][cell.kind],
  }));
}
