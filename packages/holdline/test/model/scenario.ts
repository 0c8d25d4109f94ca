import { type Scenario, settled } from '../../src/testing/index.js';
import { Checker } from './checker.js';
import { ClientActions } from './client-actions.js';
import type { Action, Plan } from './plan.js';
import { actionsOn } from './server-actions.js';
import { World } from './world.js';

/** More steps than any plan allows. */
const MOST_STEPS = 1_000;

/**
 * Lets everything that a plan allows happen in the order that the choices say, and checks what was promised.
 *
 * Of two orders that come to the same, because a server's step and a client's step next to each other can be swapped,
 * only the one in which the server goes first is walked.
 *
 * @param watch - Is shown each world at its end.
 */
export function scenarioOf(plan: Plan, watch: (world: World) => void = () => {}): Scenario {
  return async (choices) => {
    const world = new World(plan);
    const ofClient = new ClientActions(world);
    const checker = new Checker(world);
    if (plan.primed !== false) await world.prime();
    let last: Action | undefined;
    let before: ReadonlySet<string> = new Set();
    for (let step = 0; ; step++) {
      if (step > MOST_STEPS) throw new Error(`the plan has no end: ${choices.trace.slice(-5).join(' · ')}`);
      const ofServers = world.hops.flatMap((hop, at) => actionsOn(world, hop, at));
      const possible = [...ofServers, ...ofClient.possible];
      if (possible.length === 0) break;
      const swaps = last?.side === 'client' && !plan.hasty;
      const telling = possible.filter(({ side, name }) => !(swaps && side === 'server' && before.has(name)));
      if (telling.length === 0) return void (await world.finish());
      before = new Set(possible.map(({ name }) => name));
      last = choices.among(telling, ({ name }) => name);
      await last.run();
      if (!plan.hasty || choices.among([true, false], (settles) => (settles ? 'and settle' : 'at once')))
        await settled();
      checker.check();
    }
    await world.finish();
    checker.checkEnd();
    watch(world);
  };
}
