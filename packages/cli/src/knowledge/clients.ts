import type { Client } from './client.js';
import { nodeClients } from './node-clients.js';
import { otherClients, proxies } from './other-clients.js';

/** Every client that is known, those of Node first. */
export const clients: readonly Client[] = [...nodeClients, ...otherClients, ...proxies];

/** The client of an id, as in `--client got`. */
export function clientOf(id: string): Client | undefined {
  return clients.find((client) => client.id === id);
}
