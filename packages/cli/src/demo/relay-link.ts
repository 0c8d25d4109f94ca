import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RelayChild, startRelay } from '../lab/links/relay-child.js';
import { parseTrace } from '../lab/links/trace-records.js';
import type { Lack } from '../lab/roles.js';
import { startChild } from './child.js';
import type { Link } from './link.js';

/** Joins A and B by a relay on the loopback interface. */
export function openRelay(delayMs: number, directory: string, lack: Lack): Link {
  const host = '127.0.0.1';
  const tracePath = join(directory, 'link.ndjson');
  let relay: RelayChild | undefined;
  return {
    kind: 'relay',
    delayMs,
    lack,
    serverHost: host,
    startA: startChild,
    startB: startChild,
    async connect(ports) {
      relay = await startRelay({ host, to: host, ports, rules: { delayMs }, seed: 0, tracePath });
      return relay.ports.map((port) => ({ host, port }));
    },
    async stop() {
      if (!relay) return [];
      await relay.end();
      return parseTrace(readFileSync(tracePath, 'utf8'));
    },
    remove: async () => relay?.end(),
  };
}
