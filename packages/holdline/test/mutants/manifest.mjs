// Known wrong versions of the code. Each is an exact edit, and names the tests that must fail with it. A mutant is a
// mistake that somebody could make in good faith, and one that a user would pay for.
import { ofEvidence } from './of-evidence.mjs';
import { ofReplay } from './of-replay.mjs';
import { ofReuse } from './of-reuse.mjs';

export const mutants = [...ofEvidence, ...ofReplay, ...ofReuse];

for (const { name, killedBy, notByUndici } of mutants) {
  if (killedBy.some(({ project }) => project === 'undici') === (notByUndici !== undefined))
    throw new Error(`${name}: it needs tests with undici that see it, or else the reason why none can (notByUndici)`);
}
