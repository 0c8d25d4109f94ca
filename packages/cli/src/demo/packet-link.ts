import { openPackets, PACKETS_HOST } from '../lab/links/packets.js';
import { startChild } from './child.js';
import type { Link } from './link.js';

/** Joins A and B, each in a network namespace of its own, by a link that delays every packet. */
export async function openPacketLink(delayMs: number, directory: string): Promise<Link> {
  const packets = await openPackets(directory);
  return {
    kind: 'packets',
    delayMs,
    serverHost: PACKETS_HOST,
    startA: (child, script) => startChild(child, script, packets.on('A')),
    startB: (child, script) => startChild(child, script, packets.on('B')),
    async connect(ports) {
      await packets.carry({ delayMs }, 0);
      return ports.map((port) => ({ host: PACKETS_HOST, port }));
    },
    stop: () => packets.stop(),
    remove: () => packets.remove(),
  };
}
