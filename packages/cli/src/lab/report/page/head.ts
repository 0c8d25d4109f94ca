import type { Cell, Round, Summary } from '../../summary.js';
import type { Sums } from '../data/matrix.js';
import type { Against, Outcome } from '../data/outcome.js';
import { count, duration, plural, shellLine } from './format.js';
import { scrolling, stateMark } from './marks.js';
import { html, type Markup } from './markup.js';
import { word } from './words.js';

const VERDICTS = { pass: 'Pass', fail: 'Fail', unknown: 'Unknown' } as const;
const MOST_NAMED = 6;
const MOST_CLIENTS = 4;

/** Names the element with the details of a cell. */
type CellId = (round: Round, cell: Cell) => string;

/** What ran, what came of it, and how to run it again. */
export function head(summary: Summary, outcome: Outcome, cellId: CellId): Markup {
  const { verdict, suite } = summary;
  return html`<header>
<p class="what">Holdline lab · suite <b>${suite}</b> · ${startedAt(summary)}</p>
<h1 class="${verdict}">${stateMark(verdict)} ${VERDICTS[verdict]}<span class="unseen">:</span> <span class="sentence">${outcome.sentence}</span></h1>
${against(outcome.against, cellId)}
${totals(outcome)}
${facts(summary)}
</header>`;
}

function against(all: readonly Against[], cellId: CellId): Markup | undefined {
  if (all.length === 0) return undefined;
  const items = all.slice(0, MOST_NAMED).map(({ verdict, round, reason, cells }) => {
    const named = cells.slice(0, MOST_CLIENTS).map((cell) => {
      return html` <button popovertarget="${cellId(round, cell)}">${cell.title}</button>`;
    });
    const more =
      cells.length > MOST_CLIENTS ? html` and ${plural(cells.length - MOST_CLIENTS, 'more', 'more')}` : undefined;
    return html`<li>${stateMark(verdict)} <span><b>${round.fault}</b>${named}${more}<span class="reason">${reason}</span></span></li>`;
  });
  const rest = all.length - MOST_NAMED;
  const more =
    rest > 0 ? html`<li class="more">and ${plural(rest, 'more', 'more')}, <a href="#matrix">in the table</a></li>` : '';
  return html`<ul class="against">${items}${more}</ul>`;
}

const FIGURES: readonly { header: Markup | string; of: (sums: Sums) => number; bad?: true }[] = [
  { header: word('hang-up', 'hung up'), of: ({ hungUp }) => hungUp, bad: true },
  { header: word('twice', 'executed twice'), of: ({ twice }) => twice, bad: true },
  { header: word('lost', 'lost'), of: ({ lost }) => lost, bad: true },
  { header: word('silent', 'silent'), of: ({ silent }) => silent, bad: true },
  { header: word('crossing', 'crossings'), of: ({ crossings }) => crossings },
  { header: word('cured', 'cured'), of: ({ cured }) => cured },
  { header: 'requests', of: ({ sent }) => sent },
  { header: 'cells', of: ({ cells }) => cells },
];

function totals({ bare, onHoldline }: Outcome): Markup {
  const row = (title: string, sums: Sums) => {
    const cells = FIGURES.map(
      ({ of, bad }) => html`<td class="${bad && of(sums) > 0 ? 'bad' : ''}">${count(of(sums))}</td>`,
    );
    return html`<tr><th scope="row">${title}</th>${cells}</tr>`;
  };
  const table = html`<table class="totals">
<caption class="unseen">All rounds together</caption>
<thead><tr><th scope="col">all rounds</th>${FIGURES.map(({ header }) => html`<th scope="col">${header}</th>`)}</tr></thead>
<tbody>${bare.cells > 0 ? row('without Holdline', bare) : undefined}${onHoldline.cells > 0 ? row('on Holdline', onHoldline) : undefined}</tbody></table>`;
  return scrolling('All rounds together', table);
}

function facts(summary: Summary): Markup {
  const { seed, machine, versions, tookMs } = summary;
  const versionList = Object.entries(versions).map(([name, version]) => html`<span>${name} ${version}</span> `);
  return html`<dl class="facts">
<div class="wide"><dt>To repeat it</dt><dd><code class="command">${again(summary)}</code></dd></div>
<div><dt>Seed</dt><dd>${String(seed)}</dd></div>
<div><dt>Took</dt><dd>${duration(tookMs)}</dd></div>
<div><dt>Machine</dt><dd>${machine.platform}, ${plural(machine.cpus, 'CPU')}</dd></div>
<div class="wide"><dt>Versions</dt><dd class="versions">${versionList}</dd></div>
</dl>`;
}

/** The command that gives the same traffic and faults again; its folder is one of its own. */
function again({ commandLine, seed }: Summary): string {
  const words = commandLine.filter((each, index) => !/^--out(=|$)/.test(each) && commandLine[index - 1] !== '--out');
  const hasSeed = words.some((each) => /^--seed(=|$)/.test(each));
  return shellLine(hasSeed ? words : [...words, '--seed', String(seed)]);
}

function startedAt(summary: Summary): Markup {
  const text = summary.startedAt.replace(/T(\d\d:\d\d).*Z$/, ' $1 UTC');
  return html`<time datetime="${summary.startedAt}">${text}</time>`;
}
