import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '../roles.js';
import { type RelayChild, startRelay } from './relay-child.js';
import { parseTrace, recordsOf } from './trace-records.js';

const HOST = '127.0.0.1';

/**
 * Joins A and B by a relay on the loopback interface, which delays bytes and FINs, but not the handshake.
 *
 * @param directory - For its trace.
 * @param seed - Of the jitter.
 */
export function relayLink(directory: string, seed: number): Link {
  const tracePath = join(directory, 'link.ndjson');
  let relay: RelayChild | undefined;
  let clients: ReadonlyMap<number, string> = new Map();
  return {
    kind: 'relay',
    serverHost: HOST,
    on: () => [],
    async connect(ports, rules) {
      const entries = Object.entries(ports);
      clients = new Map(entries.map(([client, port]) => [port, client]));
      relay = await startRelay({ host: HOST, to: HOST, ports: [...clients.keys()], rules, seed, tracePath });
      const own = relay.ports;
      return Object.fromEntries(entries.map(([client], index) => [client, { host: HOST, port: own[index] ?? 0 }]));
    },
    async stop() {
      if (!relay) return [];
      await relay.end();
      return recordsOf(parseTrace(readFileSync(tracePath, 'utf8')), clients);
    },
    remove: async () => relay?.end(),
  };
}
