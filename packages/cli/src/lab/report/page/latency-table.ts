import type { Cell } from '../../summary.js';
import { binOf, edgeMs, type Histogram } from '../data/histogram.js';
import { isOnHoldline } from '../data/incidents.js';
import type { Latencies } from '../data/latencies.js';
import { count, ms } from './format.js';
import { clientHeader, rowClass, scrolling } from './marks.js';
import { html, type Markup } from './markup.js';
import { axis, type Bar, strip, type Tick } from './strip.js';
import { word } from './words.js';

/** How long answered requests took: a distribution for each client, that of the cured ones apart. */
export function latencyTable(cells: readonly Cell[], latencies: ReadonlyMap<string, Latencies>): Markup | undefined {
  const rows = cells.filter(({ findings }) => findings !== undefined);
  if (rows.length === 0) return undefined;
  const scale = scaleOf([...latencies.values()].flatMap(({ once, cured }) => [once, cured]));
  const mostOnce = mostOf([...latencies.values()].map(({ once }) => once));
  const mostCured = mostOf([...latencies.values()].map(({ cured }) => cured));
  const heights =
    scale === undefined
      ? ''
      : ` Above the line: sent once (full height: ${count(mostOnce)} requests in a bin)${mostCured === 0 ? '' : `; below it: cured (full height: ${count(mostCured)})`}. Time is on a logarithmic scale, ten bins for each power of ten; a bin with any request has a hairline.`;
  const drawn = (client: string, title: string) => {
    const of = latencies.get(client);
    if (scale === undefined || of === undefined) return html`<td class="strip"></td>`;
    const bars = { above: barsOf(of.once, scale, mostOnce), below: barsOf(of.cured, scale, mostCured) };
    return html`<td class="strip">${strip({ label: `Latency of ${title}`, ...bars, ticks: scale.ticks })}</td>`;
  };
  const body = rows.map((cell) => {
    const { client, title, findings } = cell;
    const { latencyMs, curedLatencyMs } = findings ?? {};
    const figures = [latencyMs?.p50, latencyMs?.p99, latencyMs?.max, curedLatencyMs?.p50, curedLatencyMs?.max];
    return html`<tr class="${rowClass(isOnHoldline(cell))}">${clientHeader(title)}${drawn(client, title)}${figures.map((value) => html`<td>${value === undefined ? '–' : ms(value)}</td>`)}</tr>
`;
  });
  const table = html`<table class="chart latency">
<caption><span>Latency, from the request to the whole answer, of answered requests.${heights}</span></caption>
<thead><tr><th scope="col">client</th><th scope="col" class="strip">${scale === undefined ? '' : axis('ms, logarithmic', scale.ticks)}</th><th scope="col">median, ms</th><th scope="col">p99, ms</th><th scope="col">most, ms</th><th scope="col">${word('cured', 'cured')}: median, ms</th><th scope="col">cured: most, ms</th></tr></thead>
<tbody>${body}</tbody></table>`;
  return scrolling('Latency', table);
}

interface Scale {
  readonly firstBin: number;
  readonly bins: number;
  readonly ticks: readonly Tick[];
}

function scaleOf(histograms: readonly Histogram[]): Scale | undefined {
  const used = histograms.flatMap(({ counts }) => counts.flatMap((value, bin) => (value > 0 ? [bin] : [])));
  if (used.length === 0) return undefined;
  const firstBin = used.reduce((a, b) => Math.min(a, b));
  const bins = used.reduce((a, b) => Math.max(a, b)) + 1 - firstBin;
  const powers = Array.from({ length: 9 }, (_, power) => 10 ** (power - 1));
  // Within one or two powers of ten there would be hardly a mark.
  const steps = bins > 20 ? powers : powers.flatMap((power) => [power, 2 * power, 5 * power]);
  const ticks = steps
    .map((value) => ({ at: (exactBin(value) - firstBin) / bins, label: String(Number(value.toPrecision(3))) }))
    .filter(({ at }) => at >= 0 && at <= 1);
  return { firstBin, bins, ticks };
}

function exactBin(valueMs: number): number {
  const bin = binOf(valueMs);
  return bin + Math.log(valueMs / edgeMs(bin)) / Math.log(edgeMs(bin + 1) / edgeMs(bin));
}

function mostOf(histograms: readonly Histogram[]): number {
  return histograms.reduce((most, { counts }) => counts.reduce((a, b) => Math.max(a, b), most), 0);
}

function barsOf({ counts }: Histogram, { firstBin, bins }: Scale, most: number): readonly Bar[] {
  return counts.flatMap((value, bin) =>
    value === 0 ? [] : [{ from: (bin - firstBin) / bins, to: (bin + 1 - firstBin) / bins, height: value / most }],
  );
}
