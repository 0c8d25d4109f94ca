import type { Link, LinkRules } from '../roles.js';
import { openPackets, PACKETS_HOST } from './packets.js';
import { type RelayChild, startRelay } from './relay-child.js';
import { recordsOf } from './trace-records.js';

/**
 * Joins A and B by a link that delays every packet. What only a TCP endpoint can do, such as closing an idle connection,
 * is done by a relay on B's side of it: its FINs and RSTs are true ones, and cross the link as B's would.
 */
export async function packetLink(directory: string, seed: number): Promise<Link> {
  const packets = await openPackets(directory);
  let relay: RelayChild | undefined;
  let clients: ReadonlyMap<number, string> = new Map();
  return {
    kind: 'packets',
    serverHost: PACKETS_HOST,
    on: (side) => packets.on(side),
    async connect(ports, rules) {
      const names = Object.keys(ports);
      let facing = Object.values(ports);
      const forRelay = rulesForRelay(rules);
      if (forRelay) {
        const to = { host: PACKETS_HOST, to: PACKETS_HOST, ports: facing };
        relay = await startRelay({ ...to, rules: forRelay, seed }, packets.on('B'));
        facing = [...relay.ports];
      }
      await packets.carry(rules, seed);
      clients = new Map(names.map((client, index) => [facing[index] ?? 0, client]));
      return Object.fromEntries(
        names.map((client, index) => [client, { host: PACKETS_HOST, port: facing[index] ?? 0 }]),
      );
    },
    async stop() {
      const carried = await packets.stop();
      // The next round brings its own rules.
      await relay?.end();
      relay = undefined;
      return recordsOf(carried, clients);
    },
    async remove() {
      await relay?.end();
      await packets.remove();
    },
  };
}

/** What packets cannot do by themselves; undefined if that is nothing. */
function rulesForRelay(rules: LinkRules): LinkRules | undefined {
  const { delayMs: _1, jitterMs: _2, delayFinMs: _3, dropIdleMs: _4, ...rest } = rules;
  return Object.keys(rest).length > 0 ? rest : undefined;
}
