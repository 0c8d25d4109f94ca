// What an idle connection holds in the heap: the difference that opening many of them makes, when garbage is gone.
import { settled } from './settled.mjs';

/** @returns A function that gives the bytes for each connection. */
export function idleHeap(target, { clientOf }) {
  const open = async (client, connections) => {
    const send = client.sender();
    const one = () => new Promise((resolve) => send(resolve));
    await Promise.all(Array.from({ length: connections }, one));
    await settled();
  };

  return async ({ connections }) => {
    // Code, caches and Node's free lists come with the first connections, whoever makes them.
    const first = clientOf(target);
    await open(first, connections);
    first.agent.destroy();
    await settled();
    const client = clientOf(target);
    const { agent } = client;
    const before = process.memoryUsage().heapUsed;
    await open(client, connections);
    const held = process.memoryUsage().heapUsed - before;
    const idle = Object.values(agent.freeSockets).reduce((sum, sockets) => sum + sockets.length, 0);
    if (idle !== connections) throw new Error(`${idle} connections are idle; expected ${connections}.`);
    agent.destroy();
    return { heap: held / connections };
  };
}
