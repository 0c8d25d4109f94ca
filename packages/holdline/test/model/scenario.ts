import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channels } from '../../src/events/channels.js';
import { type Choices, type Scenario, settled } from '../../src/testing/index.js';
import { Checker } from './checker.js';
import { ClientActions } from './client-actions.js';
import type { Action, Plan } from './plan.js';
import { actionsOn } from './server-actions.js';
import { World } from './world.js';

/** More steps than any plan allows. */
const MOST_STEPS = 1_000;

/** Lets everything that a plan allows happen in the order that the choices say, and checks what was promised. */
export function scenarioOf(plan: Plan): Scenario {
  return async (choices) => {
    const world = new World(plan);
    const checker = new Checker(world);
    const unwatch = abortOnChannel(world);
    try {
      if (plan.primed !== false) await world.prime();
      const isNew = await happen(world, choices, () => checker.check());
      await world.finish();
      if (isNew) checker.checkEnd();
    } finally {
      unwatch();
    }
  };
}

/**
 * One thing after another, until nothing more can happen.
 *
 * Of two orders that come to the same, because a server's step and a client's step next to each other can be swapped,
 * only the one in which the server goes first is walked.
 *
 * @returns Whether this order does not come to the same as another one.
 */
async function happen(world: World, choices: Choices, check: () => void): Promise<boolean> {
  const { plan } = world;
  const ofClient = new ClientActions(world);
  let last: Action | undefined;
  let before: ReadonlySet<string> = new Set();
  for (let step = 0; step < MOST_STEPS; step++) {
    const possible = [...world.hops.flatMap((hop, at) => actionsOn(world, hop, at)), ...ofClient.possible];
    if (possible.length === 0) return true;
    const canSwap = last?.side === 'client' && !plan.hasty;
    const telling = possible.filter(({ side, name }) => !(canSwap && side === 'server' && before.has(name)));
    if (telling.length === 0) return false;
    before = new Set(possible.map(({ name }) => name));
    last = choices.among(telling, ({ name }) => name);
    await last.run();
    if (!plan.hasty || choices.among([true, false], (settles) => (settles ? 'and settle' : 'at once'))) await settled();
    check();
  }
  throw new Error(`the plan has no end: ${choices.trace.slice(-5).join(' · ')}`);
}

/** A listener to what a Line tells may do anything, even abort the request that it is told of. */
function abortOnChannel({ plan, clients }: World): () => void {
  const name = Object.values(channels).find((each) => each === plan.abortsOn);
  if (name === undefined) return () => {};
  const abort = () => {
    for (const client of clients) if (client.open.length > 0) client.abort();
  };
  subscribe(name, abort);
  return () => void unsubscribe(name, abort);
}
