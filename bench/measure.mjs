// Measures one cell: launches, rounds, turns.
import { startWorker } from './processes.mjs';

/** The share of the time for which paced traffic keeps the base arm's event loop busy. */
const LOAD = 0.8;
const MOST_CONNECTIONS = 2_000;
const MOST_ROUNDS = 1_000;

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
      block ??= await sizeBlock[cell.kind](workers.get(cell.base), effort, cell);
      launches.push(await runRounds(workers, block, { ...effort, launch }, (text) => tell(`${told}, ${text}`)));
    } finally {
      await Promise.all([...workers.values()].map((worker) => worker.end()));
    }
  }
  return launches;
}

/**
 * The first of many rounds opens the connections and is not counted. Nor is one in which an arm opened a connection all the
 * same: it is reuse that is measured.
 */
async function runRounds(workers, block, { launch, rounds: wanted }, tell) {
  if (wanted > 1) await takeTurns(workers, { ...block, seed: 0 }, 0);
  const rounds = [];
  for (let round = 0; rounds.length < wanted; round++) {
    if (round > 2 * wanted) throw new Error('In most rounds connections were opened; expected that they are reused.');
    tell(`round ${rounds.length + 1} of ${wanted}`);
    const found = await takeTurns(workers, { ...block, seed: launch * MOST_ROUNDS + round + 1 }, round);
    if (Object.values(found).every(({ opened = 0 }) => opened === 0)) rounds.push(found);
  }
  return rounds;
}

/** One block of each arm: there, then back, then from another arm on, so that neither drift nor neighbour favours one. */
async function takeTurns(workers, block, round) {
  const order = [...workers.keys()];
  const from = (round >> 1) % order.length;
  const turns = [...order.slice(from), ...order.slice(0, from)];
  if (round % 2 === 1) turns.reverse();
  const found = {};
  for (const arm of turns) found[arm] = await workers.get(arm).run(block);
  return found;
}

/** Runs each arm until the compiler has settled. That measures nothing, so nobody need wait for a turn. */
const warmUp = {
  hot: (workers, { warmUpRequests }) => together(workers, { requests: warmUpRequests }),
  paced: (workers, { warmUpMs }) => together(workers, { connections: 100, windowMs: warmUpMs, seed: 0 }),
  stale: (workers, { trials, limitMs }) => together(workers, { trials, limitMs }),
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
  stale: async (_, { trials, limitMs }) => ({ trials, limitMs }),
};
