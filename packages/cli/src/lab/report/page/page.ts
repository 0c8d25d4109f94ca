import type { Summary } from '../../summary.js';
import { matrixOf } from '../data/matrix.js';
import { outcomeOf } from '../data/outcome.js';
import type { Trace } from '../data/trace.js';
import { cellDetails } from './cell.js';
import { head } from './head.js';
import { html, trusted } from './markup.js';
import { matrixTable } from './matrix.js';
import { roundSection } from './round.js';
import { style } from './style.js';
import { glossary } from './words.js';

/** The page of a run. It has no script, and its policy forbids any, and every request to anywhere. */
export function page(summary: Summary, traces: readonly Trace[]): string {
  const matrix = matrixOf(summary);
  const clients = new Map(matrix.pairs.flat().map(({ client }, index) => [client, index]));
  const cellId = (roundIndex: number, client: string) => `cell-${roundIndex}-${clients.get(client) ?? 0}`;
  const outcome = outcomeOf(summary);
  const inDoubt = new Set(outcome.against.map(({ round }) => round));
  // Open is what a person came for: the first round in doubt, or the first in which something happened.
  const doubtful = summary.rounds.findIndex((round) => inDoubt.has(round));
  const opened = doubtful === -1 ? traces.findIndex(({ scenes }) => scenes.length > 0) : doubtful;
  const rounds = summary.rounds.map((round, index) =>
    roundSection(round, traces[index] ?? NOTHING, index, index === Math.max(opened, 0)),
  );
  const details = summary.rounds.flatMap((round, index) =>
    round.cells.map((cell) => cellDetails(cell, round, cellId(index, cell.client))),
  );
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${summary.verdict}: ${summary.suite} · Holdline lab</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#rounds">To the rounds</a>
<main>
${head(summary, outcome, (round, cell) => cellId(summary.rounds.indexOf(round), cell.client))}
${matrixTable(matrix, cellId)}
<section aria-labelledby="rounds"><h2 id="rounds">Round by round</h2>
${rounds}</section>
${glossary()}
</main>
${details}
</body>
</html>
`;
  return text;
}

const NOTHING: Trace = { latencies: new Map(), scenes: [], gaps: [] };
