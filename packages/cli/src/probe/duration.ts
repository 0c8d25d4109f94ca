/** A time for people: as many digits as mean something. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return 'for ever';
  if (ms === 0) return '0 s';
  if (ms >= 9_995) return `${trimmed(ms / 1_000, 1)} s`;
  if (ms >= 1_000) return `${trimmed(ms / 1_000, 2)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${trimmed(ms, 1)} ms`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/**
 * Reads `60s`, `1500ms`, `2m`, `1h`; a bare number is seconds.
 *
 * @returns ms; undefined where the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h'];
}
