import type { Round } from '../../summary.js';
import { isOnHoldline } from '../data/incidents.js';
import { sumsOf } from '../data/matrix.js';
import type { Trace } from '../data/trace.js';
import { roundLine } from './cell.js';
import { connectsTable } from './connects-table.js';
import { count } from './format.js';
import { idleTable } from './idle-table.js';
import { lanesFigure, lanesLegend } from './lanes-picture.js';
import { latencyTable } from './latency-table.js';
import { stateMark } from './marks.js';
import { html, type Markup } from './markup.js';

/** All that a page tells of one round. */
export function roundSection(round: Round, trace: Trace, index: number, open: boolean): Markup {
  const { cells, fault, server, skipped } = round;
  const sides = [false, true].map((wanted) => sumsOf(cells.filter((cell) => isOnHoldline(cell) === wanted)));
  const hungUp = sides.map(({ hungUp: some, sent }) => (sent > 0 ? `${count(some)} of ${count(sent)}` : '–'));
  const told = skipped === undefined ? `hung up: bare ${hungUp[0]}, on Holdline ${hungUp[1]}` : 'did not run';
  const { state } = sumsOf(cells.filter(({ decides }) => decides));
  return html`<details class="round"${open ? html` open` : undefined}><summary><h3>${stateMark(skipped === undefined ? state : 'skipped')} ${fault}</h3> <span class="told">${server} · ${told}</span></summary>
<div id="round-${index}">
<p class="note">${roundLine(round)}</p>
${skipped === undefined ? body(round, trace) : html`<p>${skipped.what}. ${skipped.remedy}</p>`}
</div></details>
`;
}

function body(round: Round, trace: Trace): Markup {
  const titles = new Map(round.cells.map(({ client, title }) => [client, title]));
  const figures = trace.scenes.map((scene) => lanesFigure(scene, titles.get(scene.incident.client) ?? ''));
  return html`${trace.gaps.map((gap) => html`<p class="gap">${gap}</p>`)}
${figures.length === 0 ? undefined : html`<h4>The first of each sort, connection by connection</h4>${lanesLegend()}${figures}`}
<h4>Hang-ups by idle time</h4>${idleTable(round) ?? html`<p class="note">No idle times were recorded.</p>`}
<h4>Latency</h4>${latencyTable(round.cells, trace.latencies)}
<h4>Connects</h4>${connectsTable(round.cells)}`;
}
