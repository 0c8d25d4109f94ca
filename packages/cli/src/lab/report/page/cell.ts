import type { Kind } from '../../roles.js';
import type { Cell, Findings, Quantiles, Round } from '../../summary.js';
import { count, ms, plural, ratio } from './format.js';
import { stateMark } from './marks.js';
import { html, type Markup, type Part } from './markup.js';
import { word } from './words.js';

export const kinds: readonly Kind[] = ['GET', 'POST', 'keyed POST'];

/** The details of a cell, shown over the page when the cell is pressed. */
export function cellDetails(cell: Cell, round: Round, id: string): Markup {
  const { skipped, findings } = cell;
  return html`<div popover id="${id}" class="details" role="dialog" aria-labelledby="${id}-title">
<button class="close" popovertarget="${id}" popovertargetaction="hide" autofocus>Close</button>
<h3 id="${id}-title">${cell.title}<small>${round.fault} · ${round.server} · ${round.workload}</small></h3>
<p class="${cell.verdict}">${stateMark(skipped === undefined ? cell.verdict : 'skipped')} ${skipped === undefined ? cell.verdict : `not run: ${skipped.what}`}${cell.decides ? undefined : html` (the run’s verdict does not depend on this ${word('peer', 'peer')})`}</p>
${skipped === undefined ? undefined : html`<p>${skipped.remedy}</p>`}
${cell.reasons.length === 0 ? undefined : html`<ul>${cell.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}
${findings === undefined ? undefined : figures(findings)}
</div>
`;
}

function figures(findings: Findings): Markup {
  const { latencyMs, curedLatencyMs, connects, oracleConnects } = findings;
  return html`<table>
<caption>By method</caption>
<thead><tr><td></td><th scope="col">sent</th><th scope="col">${word('hang-up', 'hung up')}</th><th scope="col">${word('twice', 'twice')}</th><th scope="col">${word('connects', 'connects')}</th><th scope="col">${word('oracle', 'oracle')}</th></tr></thead>
<tbody>${kinds.map((kind) => byKind(kind, findings))}</tbody></table>
<dl>
${entry('Answered', `${count(findings.answered)} of ${count(findings.sent)}`)}
${entry(word('crossing', 'Crossings'), count(findings.crossings))}
${entry(word('surfaced', 'Surfaced'), `${count(findings.surfacedExecuted)} executed, ${count(findings.surfacedNotExecuted)} not executed`)}
${entry('Surfaced because', listed(findings.surfacedBy))}
${entry(word('uncured', 'Uncured'), count(findings.uncured))}
${entry('Other errors', listed(findings.failedBy))}
${entry(word('lost', 'Lost'), count(findings.lost))}
${entry(word('silent', 'Silent'), count(findings.silent))}
${entry(word('mixed-up', 'Mixed up'), count(findings.mixedUp))}
${entry(word('cured', 'Cured'), listed(findings.replayedBy))}
${entry('Latency', quantiles(latencyMs))}
${curedLatencyMs === undefined ? undefined : entry('Latency, cured', quantiles(curedLatencyMs))}
${entry(word('connects', 'Connects'), `${count(connects)}; the oracle ${count(oracleConnects)} (${ratio(connects, oracleConnects)})`)}
</dl>`;
}

function byKind(kind: Kind, { reuse, hungUp, twice }: Findings): Markup {
  const { requests, reused, oracle } = reuse[kind];
  return html`<tr><th scope="row">${kind}</th><td>${count(requests)}</td><td>${count(hungUp[kind])}</td><td>${count(twice[kind])}</td><td>${count(requests - reused)}</td><td>${count(requests - oracle)}</td></tr>`;
}

function entry(term: Part, value: Part): Markup {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function listed(counts: Readonly<Record<string, number>>): Part {
  const entries = Object.entries(counts);
  if (entries.length === 0) return 'none';
  return html`<ul>${entries.map(([name, value]) => html`<li>${count(value)} × ${name}</li>`)}</ul>`;
}

function quantiles({ p50, p99, max }: Quantiles): string {
  return `${ms(p50)} ms median, ${ms(p99)} ms p99, ${ms(max)} ms at most`;
}

/** What a round was, in a line. */
export function roundLine(round: Round): string {
  const { server, workload, link, idleLimitMs, told, planned } = round;
  const limit = idleLimitMs === undefined ? 'no idle limit' : `idle limit ${ms(idleLimitMs)} ms (${TOLD[told]})`;
  const line = `${link.kind === 'packets' ? 'packet link' : 'relay'}, round trip ${ms(link.roundTripMs)} ms`;
  return [server, workload, line, limit, `${plural(planned, 'request')} for each client`].join(' · ');
}

const TOLD = { nothing: 'clients are told nothing', hint: 'told by the header', stated: 'stated to clients' } as const;
