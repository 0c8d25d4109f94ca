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
    const opened = await openLink(directory, seed, 'sudo holdline lab run', kind === 'any' ? undefined : kind);
    if (kind !== 'packets' || !opened.lack) return opened;
    await opened.link.remove();
    return { lack: { what: `a link of packets, which needs ${opened.lack.what}`, remedy: opened.lack.remedy } };
  },
};
