import type { Findings, Round } from '../../summary.js';
import { isOnHoldline } from '../data/incidents.js';
import { count, ms } from './format.js';
import { clientHeader, rowClass, scrolling } from './marks.js';
import { html, type Markup } from './markup.js';
import { axis, linearTicks, strip } from './strip.js';
import { word } from './words.js';

/** Idle times at which a request may cross B's close, in ms. */
export interface DangerWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export function dangerWindowOf({ idleLimitMs, link, clientLagMs = 0 }: Round): DangerWindow | undefined {
  if (idleLimitMs === undefined) return undefined;
  return { fromMs: Math.max(0, idleLimitMs - link.roundTripMs), toMs: idleLimitMs + clientLagMs };
}

/** At which idle times of their connections requests hung up, with the danger window drawn. */
export function idleTable(round: Round): Markup | undefined {
  const rows = round.cells.flatMap((cell) => {
    const bins = cell.findings?.byIdleTime ?? [];
    return bins.length === 0 ? [] : [{ title: cell.title, onHoldline: isOnHoldline(cell), bins }];
  });
  if (rows.length === 0) return undefined;
  const window = dangerWindowOf(round);
  const ends = [window?.toMs ?? 0, ...rows.flatMap(({ bins }) => bins.map(({ toMs }) => toMs))].filter(Number.isFinite);
  const mostMs = Math.max(...ends);
  const most = Math.max(...rows.flatMap(({ bins }) => bins.map(({ hungUp }) => hungUp)));
  const ticks = linearTicks(0, mostMs).map((value) => ({ at: value / mostMs, label: ms(value) }));
  const part = (fromMs: number, toMs: number) => ({ from: fromMs / mostMs, to: toMs / mostMs });
  const band = window && wideEnough(part(window.fromMs, window.toMs));
  const body = rows.map(({ title, onHoldline, bins }) => {
    const drawn = strip({
      label: `Hang-ups of ${title} by idle time`,
      above: bins.map(({ fromMs, toMs, hungUp }) => ({
        ...part(fromMs, toMs),
        height: most === 0 ? 0 : hungUp / most,
      })),
      base: bins.filter(({ requests }) => requests > 0).map(({ fromMs, toMs }) => part(fromMs, toMs)),
      ...(band !== undefined && { band }),
      ticks,
    });
    const inWindow = window === undefined ? undefined : within(bins, window);
    return html`<tr class="${rowClass(onHoldline)}">${clientHeader(title)}<td class="strip">${drawn}</td><td>${count(sum(bins, 'hungUp'))}</td>${inWindow === undefined ? undefined : html`<td>${count(inWindow.hungUp)} of ${count(inWindow.requests)}</td>`}</tr>
`;
  });
  const heading =
    window === undefined
      ? undefined
      : html`<th scope="col">in bins that touch the ${word('danger-window', 'window')}</th>`;
  const table = html`<table class="chart idle">
<caption><span>Hang-ups by ${word('idle-time', 'idle time')}.${most === 0 ? ' There was none.' : ` Full height: ${count(most)} hang-ups in a bin; from zero.`} The thick line below shows where requests were sent at all. ${window === undefined ? 'B has no idle limit here.' : windowNote(window, round)}</span></caption>
<thead><tr><th scope="col">client</th><th scope="col" class="strip">${axis('idle time, ms', ticks)}</th><th scope="col">${word('hang-up', 'hung up')}</th>${heading}</tr></thead>
<tbody>${body}</tbody></table>`;
  return scrolling('Hang-ups by idle time', table);
}

function windowNote({ fromMs, toMs }: DangerWindow, { clientLagMs }: Round): string {
  const lag = clientLagMs === undefined ? ', which was not measured' : '';
  return `The shaded danger window reaches from ${ms(fromMs)} to ${ms(toMs)} ms: limit − round trip to limit + lag of the client${lag}.`;
}

/** A window of 2 ms on a scale of 10 s must be seen all the same. */
function wideEnough({ from, to }: { readonly from: number; readonly to: number }) {
  const missing = Math.max(0, 0.004 - (to - from)) / 2;
  return { from: from - missing, to: to + missing };
}

function within(bins: Findings['byIdleTime'], { fromMs, toMs }: DangerWindow) {
  const touching = bins.filter((bin) => bin.toMs > fromMs && bin.fromMs <= toMs);
  return { hungUp: sum(touching, 'hungUp'), requests: sum(touching, 'requests') };
}

function sum(bins: Findings['byIdleTime'], of: 'requests' | 'hungUp'): number {
  return bins.reduce((total, bin) => total + bin[of], 0);
}
