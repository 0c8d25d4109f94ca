// What a person reads in the terminal: 80 columns, no colour.
import { baseLine, goalRows, tableOf } from './table.mjs';

const NAME_WIDTH = 20;
const COLUMN_WIDTH = 13;

export const LEGEND = `Ratios to the arm in a cell's first line, each with its upper 95 % bound (≤);
lower is better. CPU: of the client (of the server, in its cells), for a
request. time: wall clock, for a request (the inverse of throughput). Absolute
times are of this machine at this moment; the ratios, measured side by side in
pairs, are what can be compared.`;

/** A cell, as soon as it was measured. */
export function cellText(result) {
  const { head, body } = tableOf(result);
  const row = ([name, ...figures]) =>
    `  ${name.padEnd(NAME_WIDTH)}${figures.map((figure) => ` ${figure.padStart(COLUMN_WIDTH)}`).join('')}`;
  return [`${result.title}  [${result.id}]`, `  ${baseLine(result)}`, row(head), ...body.map(row), ''].join('\n');
}

/** The goals. */
export function goalsText(judged) {
  const rows = goalRows(judged).flatMap(({ state, text, counts, worst }) => [
    `  ${state.padEnd(8)} ${text.padEnd(43)} ${counts}`,
    `  ${''.padEnd(8)}   farthest: ${worst}`,
  ]);
  return ['Goals of Holdline on:', ...rows, ''].join('\n');
}

/** Tells on stderr how far it is, in one line that is written over; says nothing where stderr is no terminal. */
export function progress(stream = process.stderr) {
  if (!stream.isTTY) return { tell: () => {}, clear: () => {} };
  const write = (text) => stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return { tell: write, clear: () => write('') };
}
