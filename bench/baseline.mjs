// The committed ratios, and what is measured against them.
import { readFileSync, writeFileSync } from 'node:fs';
import { ownArms } from './arms.mjs';

const path = new URL('baseline.json', import.meta.url);
/** Not latencies and throughput: on a shared machine they tell of its other guests. */
const CHECKED = ['cpu', 'heap', 'recovery'];

/** How much worse than the committed ratio a measured one may be. */
const ALLOWED = 1.1;

export function readBaseline() {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Commits the ratios of a whole run. */
export function writeBaseline(environment, results) {
  const ratios = Object.fromEntries(results.map(({ id, arms }) => [id, ratiosOf(arms)]));
  writeFileSync(path, `${JSON.stringify({ ...environment, ratios }, null, 2)}\n`);
}

/**
 * What has become worse than was committed.
 *
 * A ratio fails only if its *lower* bound is above 1.1 × the committed one, that is, if even a lucky reading of what was
 * measured is 10 % worse. On a shared machine a single ratio is off by some per cent, and a p99 by much more; to compare
 * the ratio itself would fail now and then where nothing had changed, and people would learn to run it again. So noise
 * widens the bounds and lets a check pass that could not tell, and a ratio that has truly become worse fails as soon as it
 * is measured well enough. For a ratio that stands exactly at the limit this fails one run in twenty; for one that has
 * not changed, 10 % and the bound lie in between.
 *
 * @returns A sentence for each ratio that is worse or that has nothing to be compared with, and how many were compared.
 */
export function compareWithBaseline(results, { ratios }) {
  const complaints = [];
  let compared = 0;
  for (const { id, arms } of results) {
    for (const arm of ownArms.filter((each) => arms[each])) {
      for (const figure of CHECKED.filter((each) => arms[arm][each])) {
        const { value, lower } = arms[arm][figure];
        const committed = ratios[id]?.[arm]?.[figure];
        const at = `${id}, Holdline ${arm}, ${figure}`;
        if (committed === undefined) complaints.push(`${at}: no ratio is committed; npm run bench -- --write`);
        else if (lower > ALLOWED * committed) {
          complaints.push(`${at}: ${value.toFixed(3)}, at least ${lower.toFixed(3)}; committed ${committed}`);
        }
        compared++;
      }
    }
  }
  return { complaints, compared };
}

function ratiosOf(arms) {
  const own = ownArms.filter((arm) => arms[arm]);
  return Object.fromEntries(
    own.map((arm) => {
      const figures = CHECKED.filter((figure) => arms[arm][figure]);
      return [arm, Object.fromEntries(figures.map((figure) => [figure, Number(arms[arm][figure].value.toFixed(3))]))];
    }),
  );
}
