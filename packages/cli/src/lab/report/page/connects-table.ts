import type { Kind } from '../../roles.js';
import type { Cell, Findings } from '../../summary.js';
import { isOnHoldline } from '../data/incidents.js';
import { kinds } from './cell.js';
import { count, ratio } from './format.js';
import { clientHeader, rowClass, scrolling } from './marks.js';
import { html, type Markup } from './markup.js';
import { word } from './words.js';

/** Connects beside the fewest that were possible, for each method. */
export function connectsTable(cells: readonly Cell[]): Markup | undefined {
  const rows = cells.flatMap(({ findings, ...cell }) => (findings === undefined ? [] : [{ ...cell, findings }]));
  if (rows.length === 0) return undefined;
  const used = kinds.filter((kind) => rows.some(({ findings }) => findings.reuse[kind].requests > 0));
  const most = Math.max(
    1,
    ...rows.flatMap(({ findings }) => used.flatMap((kind) => Object.values(byKind(findings, kind)))),
  );
  const body = rows.map(({ findings, ...cell }) => {
    const { connects, oracleConnects } = findings;
    return html`<tr class="${rowClass(isOnHoldline(cell))}">${clientHeader(cell.title)}<td>${count(connects)}</td><td>${count(oracleConnects)}</td><td>${ratio(connects, oracleConnects)}</td>${used.map((kind) => bullet(byKind(findings, kind), most))}</tr>
`;
  });
  const table = html`<table class="chart connects">
<caption><span>${word('connects', 'Connects')} and those of the ${word('oracle', 'oracle')}, which nobody can go below without hanging up. Bar: the client’s; upright mark: the oracle’s; all bars from zero, to one scale (full width: ${count(most)}).</span></caption>
<thead><tr><th scope="col">client</th><th scope="col">connects</th><th scope="col">oracle</th><th scope="col">ratio</th>${used.map((kind) => html`<th scope="col" class="bullet">${kind}: connects / oracle</th>`)}</tr></thead>
<tbody>${body}</tbody></table>`;
  return scrolling('Connects', table);
}

function byKind({ reuse }: Findings, kind: Kind): { readonly connects: number; readonly oracle: number } {
  const { requests, reused, oracle } = reuse[kind];
  return { connects: requests - reused, oracle: requests - oracle };
}

function bullet({ connects, oracle }: { readonly connects: number; readonly oracle: number }, most: number): Markup {
  const percent = (value: number) => ((value / most) * 100).toFixed(1);
  return html`<td class="bullet"><span class="bar" aria-hidden="true"><span style="width:${percent(connects)}%"></span><i style="left:${percent(oracle)}%"></i></span><span>${count(connects)} / ${count(oracle)} <b>${ratio(connects, oracle)}</b></span></td>`;
}
