import { refusal } from '../lab/links/index.js';
import { whyNoPackets } from '../lab/links/packets.js';
import type { Link } from './link.js';
import { openPacketLink } from './packet-link.js';
import { openRelay } from './relay-link.js';

/** Opens the truest link that this machine allows. */
export async function openLink(delayMs: number, directory: string): Promise<Link> {
  const lack = whyNoPackets('npm run demo');
  if (lack) return openRelay(delayMs, directory, lack);
  try {
    return await openPacketLink(delayMs, directory);
  } catch (error) {
    return openRelay(delayMs, directory, refusal(error));
  }
}
