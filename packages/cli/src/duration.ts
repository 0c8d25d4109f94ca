const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** What Node's timers take. */
const LONGEST_MS = 2_147_483_647;

/**
 * Reads a duration such as `250ms`, `1.5s`, `10m` or `2h`.
 *
 * @returns Milliseconds, above 0.
 * @throws RangeError that names what was expected.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = match ? Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS] : Number.NaN;
  if (!(ms > 0 && ms <= LONGEST_MS))
    throw new RangeError('expected a number above 0 with ms, s, m or h, such as 250ms, 5s or 10m, up to 24 days.');
  return ms;
}

/** Says a duration in the largest unit that it fills: `250 ms`, `1.5 s`, `350 s`, `10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${round(ms)} ms`;
  if (ms % UNITS_MS.h === 0) return `${ms / UNITS_MS.h} h`;
  return ms % UNITS_MS.m === 0 ? `${ms / UNITS_MS.m} min` : `${round(ms / 1_000)} s`;
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}
