// Measures one cell: launches, rounds, turns.
import { BASE } from './arms.mjs';
import { startWorker } from './processes.mjs';

/** The share of the time for which paced traffic keeps the base arm's event loop busy. */
const LOAD = 0.8;
const MOST_CONNECTIONS = 2_000;

/**
 * @param ports - B's.
 * @param tell - Is told how far it is.
 * @returns What each arm measured in each round of each launch: `launches[l][r][arm]`.
 */
export async function measure({ cell, arms, effort }, ports, tell) {
  const launches = [];
  let block;
  for (let launch = 0; launch < effort.launches; launch++) {
    const told = `launch ${launch + 1} of ${effort.launches}`;
    const workers = new Map();
    try {
      for (const arm of arms) workers.set(arm, startWorker({ ...cell, arm, port: ports[cell.transport] }));
      tell(`${told}, warming up`);
      await warmUp[cell.kind]?.(workers, effort);
      block ??= await sizeBlock[cell.kind](workers.get(BASE), effort, cell);
      // The first of many rounds opens the connections and is not counted.
      if (effort.rounds > 1) await takeTurns(workers, { ...block, seed: 0 }, 0, true);
      const rounds = [];
      for (let round = 0; round < effort.rounds; round++) {
        tell(`${told}, round ${round + 1} of ${effort.rounds}`);
        rounds.push(await takeTurns(workers, { ...block, seed: launch * effort.rounds + round + 1 }, round));
      }
      launches.push(rounds);
    } finally {
      await Promise.all([...workers.values()].map((worker) => worker.end()));
    }
  }
  return launches;
}

/** One block of each arm: there, then back, then from another arm on, so that neither drift nor neighbour favours one. */
async function takeTurns(workers, block, round, mayOpen = false) {
  const order = [...workers.keys()];
  const from = (round >> 1) % order.length;
  const turns = [...order.slice(from), ...order.slice(0, from)];
  if (round % 2 === 1) turns.reverse();
  const found = {};
  for (const arm of turns) {
    found[arm] = await workers.get(arm).run(block);
    const { opened = 0 } = found[arm];
    if (opened > 0 && !mayOpen)
      throw new Error(`${arm} opened ${opened} connections in a measured block; expected none.`);
  }
  return found;
}

/** Runs each arm until the compiler has settled. That measures nothing, so nobody need wait for a turn. */
const warmUp = {
  hot: (workers, { warmUpRequests }) => together(workers, { requests: warmUpRequests }),
  paced: (workers, { warmUpMs }) => together(workers, { connections: 100, windowMs: warmUpMs, seed: 0 }),
  stale: (workers, { trials }) => together(workers, { trials }),
};

function together(workers, block) {
  return Promise.all([...workers.values()].map((worker) => worker.run(block)));
}

/** Sizes the block that all arms run, in all launches, by what the base arm can do on this machine. */
const sizeBlock = {
  hot: async (base, { blockMs }, { concurrency }) => {
    const { wall } = await base.run({ requests: 2_000 });
    return { requests: Math.max(2 * concurrency, Math.ceil((blockMs * 1_000) / wall)) };
  },
  paced: async (base, { windowMs }) => {
    let connections = 100;
    for (let round = 0; round < 3; round++) {
      const { load } = await base.run({ connections, windowMs: 2 * windowMs, seed: 0 });
      connections = Math.min(MOST_CONNECTIONS, Math.max(10, Math.round((connections * LOAD) / load)));
    }
    return { connections, windowMs };
  },
  heap: async (_, { connections }) => ({ connections }),
  stale: async (_, { trials }) => ({ trials }),
};
