import type { Link } from './link.js';
import { openPacketLink, whyNoPacketLink } from './packet-link.js';
import { openRelay } from './relay-link.js';

/** Opens the truest link that this machine allows. */
export async function openLink(delayMs: number, directory: string): Promise<Link> {
  const lack = whyNoPacketLink();
  if (lack) return openRelay(delayMs, directory, lack);
  try {
    return await openPacketLink(delayMs, directory);
  } catch (error) {
    // A container's root, for one, may not make network namespaces.
    const [why = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
    const what = `network namespaces, which this system refused (${why})`;
    return openRelay(delayMs, directory, { what, remedy: 'a machine, or a privileged container, that allows them' });
  }
}
