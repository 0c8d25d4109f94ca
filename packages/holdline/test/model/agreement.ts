/** By request, the verdict on its hang-up and the reason: `replay idempotent`, `surface no-evidence`, `let-go cutoff`, … */
export type Verdicts = ReadonlyMap<string, string>;

const AVOIDED = 'avoided';

/**
 * The requests of which `observe` foretold another thing than `on` did, and both. What is let go of in time does not hang
 * up in mode `on`, whatever the reason was.
 */
export function differences(foretold: Verdicts, done: Verdicts): string[] {
  return [...new Set([...foretold.keys(), ...done.keys()])]
    .map((id) => ({ id, was: fate(foretold, id), is: fate(done, id) }))
    .filter(({ was, is }) => was !== is)
    .map(({ id, was, is }) => `${id}: foretold ${was}, done ${is}`);
}

function fate(verdicts: Verdicts, id: string): string {
  const verdict = verdicts.get(id);
  return verdict === undefined || verdict.startsWith('let-go') ? AVOIDED : verdict;
}
