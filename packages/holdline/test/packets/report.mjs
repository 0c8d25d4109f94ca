// What a person sees: a line as each cell ends, and the whole as a table of 80 columns.

const pad = (text, width) => String(text).padEnd(width);
const left = (text, width) => String(text).padStart(width);

export const line = ({ id, ok, problems, notes = [], seconds }) =>
  `${ok ? 'pass' : 'FAIL'}  ${id}${seconds === undefined ? '' : `  ${seconds.toFixed(1)} s`}${[...problems, ...notes].map((each) => `\n      ${each}`).join('')}`;

const head = ['trials', 'hung', 'sent2', 'surf', 'twice', 'lost', 'sil'];
const widths = [8, 7, 7, 7, 6, 5, 4];

function row({ id, ok, figure }) {
  const name = pad(`${ok ? ' ' : '!'} ${id}`, 35).slice(0, 35);
  if (!figure) return `${name} did not run to its end`;
  const { trials, hangUps, replays, surfaced, twice, lost, silent } = figure;
  const numbers = [trials, hangUps, replays.ok ?? 0, surfaced, twice, lost, silent];
  return name + numbers.map((number, index) => left(number, widths[index])).join('');
}

export function summary({ passed, failed, skipped, full, cells }, tookMs) {
  const rows = cells.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(row);
  const reasons = new Map(skipped.map(({ reason, remedy }) => [reason, remedy]));
  const skips = [...reasons].map(([reason, remedy]) => {
    const count = skipped.filter((skip) => skip.reason === reason).length;
    return `skipped ${count} cells: ${reason}\n  remedy: ${remedy}`;
  });
  const seconds = (tookMs / 1000).toFixed(0);
  return [
    '',
    pad(`  cell (${full ? 'full' : 'reduced'} counts)`, 35) +
      head.map((name, index) => left(name, widths[index])).join(''),
    ...rows,
    '',
    'hung: hang-ups on reused connections · sent2: sent again and answered',
    'surf: surfaced to the caller · sil: neither an answer nor an error',
    ...skips,
    `${passed} passed, ${failed} failed, ${skipped.length} skipped, in ${seconds} s`,
  ].join('\n');
}
