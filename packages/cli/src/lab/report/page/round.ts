import type { Round } from '../../summary.js';
import type { Trace } from '../data/trace.js';
import { roundLine } from './cell.js';
import { connectsTable } from './connects-table.js';
import { idleTable } from './idle-table.js';
import { lanesFigure, lanesLegend } from './lanes-picture.js';
import { latencyTable } from './latency-table.js';
import { verdictMark } from './marks.js';
import { html, type Markup } from './markup.js';

/** All that a page tells of one round. */
export function roundSection(round: Round, trace: Trace, index: number, open: boolean): Markup {
  const { cells, fault, skipped } = round;
  const failed = cells.filter(({ verdict }) => verdict === 'fail').length;
  const unknown = cells.some(({ verdict }) => verdict === 'unknown');
  const verdict = skipped !== undefined ? 'skipped' : failed > 0 ? 'fail' : unknown ? 'unknown' : 'pass';
  const told = skipped !== undefined ? 'did not run' : failed > 0 ? `${failed} of ${cells.length} cells failed` : '';
  return html`<details class="round"${open ? html` open` : undefined}><summary><h3>${verdictMark(verdict)} ${fault}</h3> <span>${told}</span></summary>
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
