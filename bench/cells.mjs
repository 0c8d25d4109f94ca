// What is measured. A cell is one workload, with all arms side by side.
import { arms, keyArms } from './arms.mjs';

const METHODS = { GET: 'GET', POST: 'POST of 1 KB' };
const TRANSPORTS = { http: 'HTTP', https: 'HTTPS' };

function ofEachTransport(make) {
  return Object.keys(TRANSPORTS).flatMap((transport) => make(transport, TRANSPORTS[transport]));
}

const hot = ofEachTransport((transport, name) =>
  Object.keys(METHODS).flatMap((method) =>
    [1, 50, 500].map((concurrency) => ({
      id: `hot/${transport}/${method}/${concurrency}`,
      title: `hot: ${METHODS[method]} over ${name}, ${concurrency} at once`,
      ...{ kind: 'hot', transport, method, concurrency },
    })),
  ),
);

const paced = ofEachTransport((transport, name) =>
  Object.keys(METHODS).map((method) => ({
    id: `paced/${transport}/${method}`,
    title: `paced: ${METHODS[method]} over ${name}`,
    ...{ kind: 'paced', transport, method },
  })),
);

const heap = ofEachTransport((transport, name) => ({
  id: `heap/${transport}`,
  title: `heap of an idle connection, ${name}`,
  ...{ kind: 'heap', transport, method: 'GET' },
}));

const stale = ofEachTransport((transport, name) => ({
  id: `stale/${transport}`,
  title: `a stale GET, recovered over ${name}`,
  ...{ kind: 'stale', transport, method: 'GET' },
  arms: ['on'], // the others do not recover it
}));

/** All cells, in the order in which they are run and told. */
export const cells = [...hot, ...paced, ...heap, ...stale];

/** The few that tell most. */
const keyCells = ['hot/http/GET/50', 'paced/http/GET', 'heap/http', 'stale/http'];

/** How much is measured: a round is one block of each arm, a launch starts new processes (see statistics.mjs). */
const efforts = {
  whole: {
    hot: { launches: 4, rounds: 16, blockMs: 30, warmUpRequests: 20_000 },
    paced: { launches: 4, rounds: 6, windowMs: 150, warmUpMs: 2_000 },
    heap: { launches: 3, rounds: 1, connections: 1_000 },
    stale: { launches: 5, rounds: 1, trials: 60 },
  },
  quick: {
    hot: { launches: 3, rounds: 16, blockMs: 30, warmUpRequests: 16_000 },
    paced: { launches: 3, rounds: 6, windowMs: 150, warmUpMs: 1_500 },
    heap: { launches: 3, rounds: 1, connections: 500 },
    stale: { launches: 3, rounds: 1, trials: 30 },
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
    arms: cell.arms ?? (quick ? keyArms : arms),
    effort: efforts[quick ? 'quick' : 'whole'][cell.kind],
  }));
}
