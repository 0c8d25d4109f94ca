import type { Findings, PerKind, Verdict } from './summary.js';

/** Whose cell it is. `script`: the user's own. */
export type Side = 'bare' | 'holdline' | 'script';

/** What is demanded of a cell besides what always is. */
export interface Demands {
  /** Nothing goes wrong in this round: whatever a client meets then is the lab's own fault. */
  readonly control: boolean;
  /** At least so many crossings must a client of the round have met, or nothing was shown. */
  readonly minCrossings: number;
  /** The most that any client of the round met: one that lets go in time meets none, though its twin does. */
  readonly mostCrossings: number;
  /** The most connects, as a ratio to the oracle's; left out where the client cannot know the limit. */
  readonly reuseBound?: number;
}

/** What is wrong, or missing, in a cell. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly decides: boolean;
}

interface Criterion {
  readonly name: string;
  readonly holdsFor: readonly Side[];
  /** Whether the run's verdict depends on it, whoever's cell it is: it shows that the lab itself is in doubt. */
  readonly decides?: boolean;
  readonly onlyInControl?: boolean;
  readonly otherwise: 'fail' | 'unknown';
  /** What is wrong, in words; nothing where it holds. */
  wrong(findings: Findings, demands: Demands, side: Side): string | undefined;
}

const EVERYBODY: readonly Side[] = ['bare', 'holdline', 'script'];

/**
 * What is demanded of a cell, in one table. That a peer hangs up is what the lab is there to show, and no failure of the
 * run; that it sends a POST twice, or gives somebody else's answer, fails its cell. The run's verdict is that of
 * Holdline's cells and the user's own, and of what puts the lab itself in doubt.
 */
export const criteria: readonly Criterion[] = [
  {
    name: 'sound',
    holdsFor: EVERYBODY,
    decides: true,
    onlyInControl: true,
    otherwise: 'fail',
    wrong({ hungUp, failedBy, silent, twice, sent }) {
      const errors = sum(hungUp) + total(failedBy) + silent + sum(twice);
      if (sent === 0) return 'nothing was sent';
      return errors > 0
        ? `${errors} errors though nothing went wrong: the lab itself is in doubt, or the machine too busy`
        : undefined;
    },
  },
  {
    name: 'nothing-lost',
    holdsFor: EVERYBODY,
    decides: true,
    otherwise: 'fail',
    wrong: ({ lost }) => (lost > 0 ? `${lost} answered, and not in B's ledger` : undefined),
  },
  {
    name: 'own-answers',
    holdsFor: EVERYBODY,
    otherwise: 'fail',
    wrong: ({ mixedUp }) => (mixedUp > 0 ? `${mixedUp} answered with another request's answer` : undefined),
  },
  {
    name: 'never-twice',
    holdsFor: EVERYBODY,
    otherwise: 'fail',
    wrong({ twice }) {
      const posts = twice.POST + twice['keyed POST'];
      return posts > 0
        ? `${twice.POST} POSTs executed twice, ${twice['keyed POST']} keyed POSTs with two effects`
        : undefined;
    },
  },
  {
    name: 'never-silent',
    holdsFor: EVERYBODY,
    otherwise: 'fail',
    wrong: ({ silent }) => (silent > 0 ? `${silent} with neither an answer nor an error` : undefined),
  },
  {
    name: 'cured',
    holdsFor: ['holdline'],
    otherwise: 'fail',
    wrong: ({ uncured }) => (uncured > 0 ? `${uncured} hung up though they may be sent again` : undefined),
  },
  {
    name: 'explained',
    holdsFor: ['holdline'],
    otherwise: 'fail',
    wrong({ hungUp, surfacedBy }) {
      const unexplained = sum(hungUp) - total(surfacedBy);
      return unexplained > 0 ? `${unexplained} hung up without a reason` : undefined;
    },
  },
  {
    name: 'reuses',
    holdsFor: ['holdline'],
    otherwise: 'fail',
    wrong({ connects, oracleConnects }, { reuseBound }) {
      if (reuseBound === undefined || connects <= oracleConnects * reuseBound) return undefined;
      return `${connects} connects where ${oracleConnects} would do: ${(connects / oracleConnects).toFixed(3)} times, at most ${reuseBound} is allowed`;
    },
  },
  {
    name: 'shown',
    holdsFor: ['holdline'],
    otherwise: 'unknown',
    wrong(_findings, { mostCrossings, minCrossings }) {
      if (mostCrossings >= minCrossings) return undefined;
      return `no client met more than ${mostCrossings} crossings, and ${minCrossings} are needed to show anything`;
    },
  },
];

/** Judges one cell. */
export function judge(findings: Findings, demands: Demands, side: Side): Judgement {
  const missed = criteria
    .filter(({ holdsFor, onlyInControl }) => holdsFor.includes(side) && (!onlyInControl || demands.control))
    .flatMap((criterion) => {
      const reason = criterion.wrong(findings, demands, side);
      return reason === undefined ? [] : [{ criterion, reason }];
    });
  const verdict = worst(missed.map(({ criterion }) => criterion.otherwise));
  const decides = side !== 'bare' || missed.some(({ criterion }) => criterion.decides === true);
  return { verdict, reasons: missed.map(({ reason }) => reason), decides };
}

/** Several verdicts as one: one failure makes all fail, and what is unknown is no pass. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('unknown') ? 'unknown' : 'pass';
}

function sum(counts: PerKind): number {
  return counts.GET + counts.POST + counts['keyed POST'];
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, times) => all + times, 0);
}
