import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { type Lack, type Link, parseTrace } from './link.js';
import type { FromRelay, ToRelay } from './relay.js';
import type { Packet } from './trace.js';

/** Joins A and B by a relay on the loopback interface. */
export function openRelay(delayMs: number, directory: string, lack: Lack): Link {
  const host = '127.0.0.1';
  const tracePath = join(directory, 'link.jsonl');
  let relay: Child<ToRelay, FromRelay> | undefined;
  return {
    kind: 'relay',
    delayMs,
    lack,
    serverHost: host,
    startA: startChild,
    startB: startChild,
    async connect(ports) {
      relay = startChild<ToRelay, FromRelay>('the link', './relay.js');
      relay.send({ type: 'carry', ports, delayMs, tracePath });
      const carrying = await relay.next('carrying');
      return carrying.ports.map((port) => ({ host, port }));
    },
    async stop() {
      if (!relay) return [];
      relay.send({ type: 'stop' });
      await relay.next('stopped');
      return parseTrace(readFileSync(tracePath, 'utf8'), (line) => line as Packet);
    },
    remove: async () => relay?.end(),
  };
}
