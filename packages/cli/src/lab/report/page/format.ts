/** A count, its thousands apart: `12 345`. */
export function count(value: number): string {
  // The sum turns a negative zero into zero.
  return (Math.round(value) + 0)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f')
    .replace('-', '−');
}

/** A time in ms, with as many digits as can matter, without its unit. */
export function ms(value: number): string {
  if (Math.abs(value) >= 10 || Number.isInteger(value)) return count(value);
  return value.toFixed(Math.abs(value) >= 1 ? 1 : 2).replace('-', '−');
}

/** A duration as people say it: `850 ms`, `12.5 s`, `14 min 3 s`. */
export function duration(valueMs: number): string {
  if (valueMs < 1000) return `${ms(valueMs)} ms`;
  if (valueMs < 60_000) return `${Number((valueMs / 1000).toFixed(1))} s`;
  const seconds = Math.round(valueMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 request`, `2 requests`. */
export function plural(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** A ratio to the oracle; there is none where the oracle needs nothing. */
export function ratio(value: number, of: number): string {
  return of === 0 ? '–' : `${(value / of).toFixed(2)}×`;
}

/** Words as one types them into a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`)).join(' ');
}
