import type { Cell } from '../../summary.js';
import { harmfulTwice } from '../data/incidents.js';
import { type Column, hungUpOf, type Matrix, type Row, stateOf } from '../data/matrix.js';
import { count, plural } from './format.js';
import { clientHeader, rowClass, scrolling, stateMark } from './marks.js';
import { html, type Markup } from './markup.js';
import { word } from './words.js';

/** The table of clients × faults. Each cell opens its details. */
export function matrixTable(matrix: Matrix, cellId: (roundIndex: number, client: string) => string): Markup {
  const table = html`<table class="matrix">
<caption class="unseen">Clients by faults: hung up of sent requests, and executed twice</caption>
<thead><tr><th scope="col" class="corner">client</th><th scope="col" class="all">all</th>${matrix.columns.map(columnHeader)}</tr></thead>
${matrix.pairs.map((pair) => html`<tbody>${pair.map((row) => rowOf(row, cellId))}</tbody>`)}
</table>`;
  return html`<section aria-labelledby="matrix"><h2 id="matrix">Clients × faults</h2>
<p class="note">Each cell: ${word('hang-up', 'hung up')} of sent, and executed ${word('twice', 'twice')}. ${stateMark('pass')} pass ${stateMark('fail')} fail ${stateMark('unknown')} ${word('verdict', 'unknown')} ${stateMark('harmed')} a ${word('peer', 'peer')} whose callers were harmed ${stateMark('skipped')} not run. Press a cell for its details, a fault for its round.</p>
${scrolling('Clients by faults', table, 'high')}</section>`;
}

/** What makes the run fail stands out from what a peer does. */
function failsTheRun({ decides, verdict }: Cell): boolean {
  return decides && verdict === 'fail';
}

function counts(failed: boolean): string {
  return failed ? ' counts' : '';
}

function columnHeader({ round, detail }: Column, index: number): Markup {
  const failed = round.cells.filter(failsTheRun).length;
  const harmed = round.cells.filter((cell) => stateOf(cell) === 'harmed').length;
  return html`<th scope="col"><a href="#round-${index}">${breakable(round.fault)}</a>${detail === '' ? undefined : html`<small>${detail}</small>`}${failed > 0 ? html`<small class="failed">✕ ${failed} failed</small>` : undefined}${harmed > 0 ? html`<small>${harmed} harmed</small>` : undefined}</th>`;
}

/** Long ids may break after their hyphens. */
function breakable(id: string): readonly Markup[] {
  return id.split(/(?<=[-_/])/).map((part, index) => (index === 0 ? html`${part}` : html`<wbr>${part}`));
}

function rowOf(row: Row, cellId: (roundIndex: number, client: string) => string): Markup {
  const { title, onHoldline, sums, cells } = row;
  const decidingFailed = cells.some((cell) => cell !== undefined && failsTheRun(cell));
  const total =
    sums.cells === 0
      ? stateMark('skipped')
      : html`<span>${stateMark(sums.state)} <b>${count(sums.hungUp)}</b> of ${count(sums.sent)}</span><small>${count(sums.twice)} twice</small>`;
  return html`<tr class="${rowClass(onHoldline)}">${clientHeader(title)}<td class="all ${sums.state}${counts(decidingFailed)}">${total}</td>${cells.map((cell, index) => cellOf(cell, cellId(index, row.client)))}</tr>
`;
}

function cellOf(cell: Cell | undefined, id: string): Markup {
  if (cell === undefined) return html`<td class="absent"><span class="unseen">not part of it</span></td>`;
  const { findings } = cell;
  const state = stateOf(cell);
  if (findings === undefined) {
    return html`<td class="${state}"><button popovertarget="${id}">${stateMark(state)}<small>${state === 'skipped' ? 'not run' : 'no figures'}</small></button></td>`;
  }
  const others = Object.values(findings.failedBy).reduce((a, b) => a + b, 0);
  const harms = [
    `${count(harmfulTwice(cell))} twice`,
    ...(findings.lost > 0 ? [`${count(findings.lost)} lost`] : []),
    ...(findings.mixedUp > 0 ? [`${count(findings.mixedUp)} mixed up`] : []),
    ...(findings.silent > 0 ? [`${count(findings.silent)} silent`] : []),
    ...(others > 0 ? [plural(others, 'error')] : []),
  ];
  return html`<td class="${state}${counts(failsTheRun(cell))}"><button popovertarget="${id}"><span>${stateMark(state)} <b>${count(hungUpOf(findings))}</b> of ${count(findings.sent)}</span><small>${harms.join(', ')}</small></button></td>`;
}
