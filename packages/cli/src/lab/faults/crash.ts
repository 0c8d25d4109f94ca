import type { Directive, Fault } from '../roles.js';

type Crash = Extract<Directive, { do: 'crash' }>;

const TITLES = {
  before: 'before it executes',
  after: 'after it executed',
  during: 'amid the answer',
  exit: 'exit',
  fin: 'FIN',
  reset: 'RST',
} as const;

/** That B's process dies ends every connection of every client, and each client brings it about. */
const CHANCE = { exit: 0.01, fin: 0.1, reset: 0.1 } as const;

function crash(when: Crash['when'], by: Crash['by']): Fault {
  return {
    id: `crash-${when}-${by}`,
    title: `crash ${TITLES[when]}, ${TITLES[by]}`,
    needs: { directives: ['crash'] },
    directive: (_step, random) => (random.chance(CHANCE[by]) ? { do: 'crash', when, by } : undefined),
  };
}

/** B ends before, after or while it executes: its process, or the connection by a FIN or a RST. */
export const crashes: readonly Fault[] = (['before', 'after', 'during'] as const).flatMap((when) =>
  (['exit', 'fin', 'reset'] as const).map((by) => crash(when, by)),
);
