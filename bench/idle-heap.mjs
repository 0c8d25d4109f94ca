// What an idle connection holds in the heap: the difference that opening many of them makes, when garbage is gone.
import { agentOf } from './agents.mjs';
import { requestOptions, send } from './client.mjs';

/** @returns A function that gives the bytes for each connection. */
export function idleHeap(target) {
  const open = async (agent, connections) => {
    const options = { ...requestOptions(target), agent };
    const one = () => new Promise((resolve) => send(target, options, resolve));
    await Promise.all(Array.from({ length: connections }, one));
    await settled();
  };

  return async ({ connections }) => {
    // Code, caches and Node's free lists come with the first connections, whoever makes them.
    const first = agentOf(target);
    await open(first, connections);
    first.destroy();
    await settled();
    const agent = agentOf(target);
    const before = process.memoryUsage().heapUsed;
    await open(agent, connections);
    const held = process.memoryUsage().heapUsed - before;
    const idle = Object.values(agent.freeSockets).reduce((sum, sockets) => sum + sockets.length, 0);
    if (idle !== connections) throw new Error(`${idle} connections are idle; expected ${connections}.`);
    agent.destroy();
    return { heap: held / connections };
  };
}

/** What was closed goes in several steps, some of which wait for the loop. */
async function settled() {
  for (let step = 0; step < 8; step++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    globalThis.gc();
  }
}
