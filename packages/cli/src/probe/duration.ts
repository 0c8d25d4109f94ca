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
