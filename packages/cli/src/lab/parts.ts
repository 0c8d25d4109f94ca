import { clients } from './clients/index.js';
import { faults } from './faults/index.js';
import { openLink } from './links/index.js';
import type { Parts } from './run.js';
import { servers } from './servers/index.js';

/** All members of the roles that come with the lab. */
export const parts: Parts = {
  servers,
  faults,
  clients,
  async openLink(kind, directory, seed) {
    const { link, lack } = await openLink(directory, seed, 'holdline lab run', kind === 'any' ? undefined : kind);
    if (kind !== 'packets' || !lack) return link;
    await link.remove();
    return { what: `a link of packets needs ${lack.what}`, remedy: lack.remedy };
  },
};
