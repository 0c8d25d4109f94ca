import type { Lack, Link } from '../roles.js';
import { packetLink } from './packet-link.js';
import { whyNoPackets } from './packets.js';
import { relayLink } from './relay-link.js';

/** A link, and why it is not one of packets. */
export interface OpenedLink {
  readonly link: Link;
  readonly lack?: Lack;
}

/**
 * Opens the truest link that this machine allows, or the one that is wanted.
 *
 * @param directory - For its traces.
 * @param seed - Of its jitter.
 * @param command - What the user ran, for the remedy.
 */
export async function openLink(
  directory: string,
  seed: number,
  command: string,
  wanted?: Link['kind'],
): Promise<OpenedLink> {
  if (wanted === 'relay') return { link: relayLink(directory, seed) };
  const lack = whyNoPackets(command);
  if (lack) return { link: relayLink(directory, seed), lack };
  try {
    return { link: await packetLink(directory, seed) };
  } catch (error) {
    return { link: relayLink(directory, seed), lack: refusal(error) };
  }
}

/** A container's root, for one, may not make network namespaces. */
export function refusal(error: unknown): Lack {
  const [why = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  const what = `network namespaces, which this system refused (${why})`;
  return { what, remedy: 'a machine, or a privileged container, that allows them' };
}
