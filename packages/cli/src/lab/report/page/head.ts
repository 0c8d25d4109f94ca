import type { Summary } from '../../summary.js';
import type { Sums } from '../data/matrix.js';
import type { Against, Outcome } from '../data/outcome.js';
import { count, duration, plural, shellLine } from './format.js';
import { html, type Markup } from './markup.js';
import { verdictMark } from './marks.js';
import { word } from './words.js';

const VERDICTS = { pass: 'Pass', fail: 'Fail', unknown: 'Unknown' } as const;
const MOST_NAMED = 6;

/** What ran, what came of it, and how to run it again. */
export function head(summary: Summary, outcome: Outcome, cellId: (against: Against) => string): Markup {
  const { verdict, suite } = summary;
  return html`<header>
<p class="what">Holdline lab · suite <b>${suite}</b> · ${startedAt(summary)}</p>
<h1 class="${verdict}">${verdictMark(verdict)} ${VERDICTS[verdict]}<span class="unseen">:</span> <span class="sentence">${outcome.sentence}</span></h1>
${against(outcome.against, cellId)}
<div class="beside">${totals(outcome)}${facts(summary)}</div>
</header>`;
}

function against(all: readonly Against[], cellId: (against: Against) => string): Markup | undefined {
  if (all.length === 0) return undefined;
  const items = all.slice(0, MOST_NAMED).map((each) => {
    const { cell, round } = each;
    return html`<li>${verdictMark(cell.verdict)} <span><button popovertarget="${cellId(each)}"><b>${cell.title}</b> · ${round.fault}</button> ${cell.reasons.join('; ')}</span></li>`;
  });
  const more = all.length - MOST_NAMED;
  return html`<ul class="against">${items}${more > 0 ? html`<li class="more">and ${plural(more, 'more cell')}, <a href="#matrix">in the table</a></li>` : undefined}</ul>`;
}

function totals({ bare, onHoldline }: Outcome): Markup {
  const row = (header: Markup | string, of: (sums: Sums) => number, bad = false) => {
    const cell = (sums: Sums) => html`<td class="${bad && of(sums) > 0 ? 'bad' : ''}">${count(of(sums))}</td>`;
    return html`<tr><th scope="row">${header}</th>${cell(bare)}${cell(onHoldline)}</tr>`;
  };
  return html`<table class="totals">
<caption>All rounds together</caption>
<thead><tr><td></td><th scope="col">without Holdline</th><th scope="col">on Holdline</th></tr></thead>
<tbody>
${row('requests', ({ sent }) => sent)}
${row(word('crossing', 'crossings'), ({ crossings }) => crossings)}
${row(word('hang-up', 'hung up'), ({ hungUp }) => hungUp, true)}
${row(word('twice', 'executed twice'), ({ twice }) => twice, true)}
${row(word('lost', 'lost'), ({ lost }) => lost, true)}
${row(word('silent', 'silent'), ({ silent }) => silent, true)}
${row(word('replay', 'sent again'), ({ cured }) => cured)}
${row('cells that failed', ({ failed }) => failed, true)}
${row('cells', ({ cells }) => cells)}
</tbody></table>`;
}

function facts(summary: Summary): Markup {
  const { seed, machine, versions, tookMs } = summary;
  const versionList = Object.entries(versions).map(([name, version]) => html`<span>${name} ${version}</span> `);
  return html`<dl class="facts">
<div><dt>Again</dt><dd><code class="command">${again(summary)}</code></dd></div>
<div><dt>Seed</dt><dd>${String(seed)}</dd></div>
<div><dt>Took</dt><dd>${duration(tookMs)}</dd></div>
<div><dt>Machine</dt><dd>${machine.platform}, ${plural(machine.cpus, 'CPU')}</dd></div>
<div><dt>Versions</dt><dd class="versions">${versionList}</dd></div>
</dl>`;
}

/** The command that gives the same traffic and faults again. */
function again({ commandLine, seed }: Summary): string {
  const hasSeed = commandLine.some((each) => each === '--seed' || each.startsWith('--seed='));
  return shellLine(hasSeed ? commandLine : [...commandLine, '--seed', String(seed)]);
}

function startedAt(summary: Summary): Markup {
  const text = summary.startedAt.replace(/T(\d\d:\d\d).*Z$/, ' $1 UTC');
  return html`<time datetime="${summary.startedAt}">${text}</time>`;
}
