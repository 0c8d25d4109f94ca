// Known wrong versions of the code. Each is an exact edit, and names the tests that must fail with it. A mutant is a
// mistake that somebody could make in good faith, and one that a user would pay for.
import { clients } from './clients.mjs';
import { ofEvidence } from './of-evidence.mjs';
import { ofReplay } from './of-replay.mjs';
import { ofReuse } from './of-reuse.mjs';
import { ofServer } from './of-server.mjs';

const ofClients = [...ofEvidence, ...ofReplay, ...ofReuse];
export const mutants = [...ofClients, ...ofServer];

for (const { name, killedBy, unseenBy } of ofClients) {
  const seenBy = new Set(killedBy.flatMap(({ client = [] }) => client));
  if ((seenBy.size === clients.length) === (unseenBy !== undefined))
    throw new Error(`${name}: each undici and fetch needs a test that sees it, or a reason why it cannot (unseenBy)`);
}
