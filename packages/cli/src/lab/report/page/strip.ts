import { html, type Markup, trusted } from './markup.js';

// Charts are strips in the rows of a table: the drawing stretches with its column, and every text stays text.

/** A scale's mark: where it stands, from 0 (left) to 1. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** A bar of a strip: from where to where, from 0 to 1, and its height, from 0 to 1. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly height: number;
}

export interface Strip {
  readonly label: string;
  /** Above the line, and below it. */
  readonly above: readonly Bar[];
  readonly below?: readonly Bar[];
  /** Where there is anything to count: a line drawn below the bars. */
  readonly base?: readonly { readonly from: number; readonly to: number }[];
  readonly band?: { readonly from: number; readonly to: number };
  readonly ticks: readonly Tick[];
}

const WIDTH = 1000;
const ABOVE = 26;
const BELOW = 12;

export function strip({ label, above, below, base = [], band, ticks }: Strip): Markup {
  const height = ABOVE + (below === undefined ? 4 : BELOW);
  const path = (className: string, d: string) => (d === '' ? '' : `<path class="${className}" d="${d}"/>`);
  const box = (from: number, to: number, y: number, h: number) =>
    `M${x(from)} ${y}H${x(to)}V${fixed(y + h)}H${x(from)}z`;
  // A hairline at the least: one slow request among thousands is what people look for.
  const tall = (value: number, most: number) => Math.max(value * most, value > 0 ? 1 : 0);
  const shapes = [
    band === undefined ? '' : path('band', box(band.from, band.to, 0, height)),
    path('grid', ticks.map(({ at }) => `M${x(at)} 0V${height}`).join('')),
    path('base', base.map(({ from, to }) => box(from, to, ABOVE + 1, 3)).join('')),
    path('above', above.map((bar) => barOf(bar, tall(bar.height, ABOVE - 2), true, box)).join('')),
    path('below', (below ?? []).map((bar) => barOf(bar, tall(bar.height, BELOW - 2), false, box)).join('')),
    path('edge', band === undefined ? '' : `M${x(band.from)} 0V${height}M${x(band.to)} 0V${height}`),
    path('line', `M0 ${ABOVE}H${WIDTH}`),
  ];
  // Numbers and constants alone.
  return html`<svg class="drawn" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${trusted(shapes.join(''))}</svg>`;
}

function barOf(
  { from, to }: Bar,
  height: number,
  up: boolean,
  box: (from: number, to: number, y: number, h: number) => string,
): string {
  return height === 0 ? '' : box(from, to, up ? fixed(ABOVE - height) : ABOVE, fixed(height));
}

/** The scale above a column of strips. */
export function axis(title: string, ticks: readonly Tick[]): Markup {
  const marks = ticks.map(({ at, label }) => {
    const edge = at < 0.02 ? 'first' : at > 0.98 ? 'last' : '';
    return html`<span class="${edge}" style="left:${fixed(at * 100)}%">${label}</span>`;
  });
  return html`${title}<span class="axis">${marks}</span>`;
}

/** Round steps from 0 to `most`, some five of them. */
export function linearTicks(least: number, most: number, wanted = 5): readonly number[] {
  const rough = (most - least) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function x(at: number): number {
  return fixed(Math.min(Math.max(at, 0), 1) * WIDTH);
}

function fixed(value: number): number {
  return Number(value.toFixed(1));
}
