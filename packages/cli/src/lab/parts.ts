import { clients } from './clients/index.js';
import { faults } from './faults/index.js';
import { relayLink } from './links/relay-link.js';
import type { Parts } from './run.js';
import { servers } from './servers/index.js';

/** All members of the roles that come with the lab. */
export const parts: Parts = {
  servers,
  faults,
  clients,
  async openLink(kind, directory, seed) {
    if (kind === 'packets') return { what: 'a link of packets', remedy: 'wait' };
    return relayLink(directory, seed);
  },
};
