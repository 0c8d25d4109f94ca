import type { IncidentKind } from '../data/incidents.js';
import { type ConnectionLane, type Lanes, lanesOf, type Mark, type RequestLane } from '../data/lanes.js';
import type { Scene } from '../data/scene.js';
import { ms, plural } from './format.js';
import { scrolling } from './marks.js';
import { html, type Markup } from './markup.js';
import { linearTicks } from './strip.js';
import { word } from './words.js';

// Connections around an incident, drawn to scale: a lane each, and one for the request itself.

const LEFT = 126;
const WIDTH = 900;
const RIGHT = WIDTH - 16;
const TOP = 38;
const LANE = 46;

const TITLES: Readonly<Record<IncidentKind, string>> = {
  twice: 'First executed twice',
  lost: 'First lost',
  'hang-up': 'First hang-up',
  cured: 'First cured',
};

/** What happened around an incident: a picture, and the same as a list. */
export function lanesFigure(scene: Scene, title: string): Markup {
  const lanes = lanesOf(scene);
  const { incident } = scene;
  const label = `${TITLES[incident.kind]}: ${title}`;
  return html`<figure class="lanes"><figcaption><b>${label}.</b> ${story(lanes, incident.id)}</figcaption>
${scrolling(label, picture(lanes, label), 'picture')}
<details><summary>The same as a list</summary>${list(lanes)}</details></figure>`;
}

function story({ request }: Lanes, id: string): Markup {
  const { kind, endMs, ending, said, message, executedMs, replays } = request;
  const end = {
    answered: `was answered with ${said} after ${ms(endMs)} ms`,
    failed: `failed with ${said} after ${ms(endMs)} ms`,
    silent: 'had neither answer nor error',
  }[ending];
  const executed =
    executedMs.length === 0
      ? 'B’s ledger does not have it'
      : `B executed it ${TIMES[executedMs.length] ?? `${executedMs.length} times`}, at ${executedMs.map(ms).join(' and ')} ms`;
  const again = replays.length === 0 ? '' : ` It was sent again (${replays.map(({ reason }) => reason).join(', ')}).`;
  return html`The ${kind} ${id} ${end}; ${executed}.${again}${message === undefined ? undefined : html` <q>${message}</q>`}`;
}

const TIMES: readonly (string | undefined)[] = [undefined, 'once', 'twice'];

/** What the shapes are. */
export function lanesLegend(): Markup {
  const entry = (drawn: Markup, text: Markup | string) =>
    html`<li><svg viewBox="-14 -12 28 24" width="28" height="24" aria-hidden="true">${drawn}</svg>${text}</li>`;
  const line = (className: string) => html`<path class="${className}" d="M-14 0H14"/>`;
  return html`<ul class="legend">
${entry(line('busy'), 'busy')}${entry(line('idle'), 'idle')}${entry(html`<path class="own" d="M-14 -8H14V8H-14z"/>`, 'the request was on it')}
${entry(shape('open'), 'opened')}${entry(shape('fin'), 'FIN, and whose')}${entry(shape('reset'), 'RST, and whose')}
${entry(shape('drop'), 'dropped without a word')}${entry(shape('crossing'), word('crossing', 'crossing'))}
${entry(shape('replay'), word('replay', 'replay'))}${entry(shape('executed'), html`executed, by the ${word('ledger', 'ledger')}`)}
</ul>`;
}

function picture(lanes: Lanes, label: string): Markup {
  const height = TOP + LANE * (lanes.connections.length + 1) + 8;
  const x = (atMs: number) =>
    Number((LEFT + ((atMs - lanes.fromMs) / (lanes.toMs - lanes.fromMs)) * (RIGHT - LEFT)).toFixed(1));
  const ticks = linearTicks(lanes.fromMs, lanes.toMs, 8).map((value) => {
    const at = x(value);
    // The first label would run into the title.
    const figure =
      at < LEFT + 30 ? undefined : html`<text x="${at}" y="${TOP - 13}" text-anchor="middle">${ms(value)}</text>`;
    return html`<path class="${value === 0 ? 'zero' : 'grid'}" d="M${at} ${TOP - 8}V${height - 4}"/>${figure}`;
  });
  const rows = lanes.connections.map((lane, index) => connection(lane, TOP + LANE * (index + 1.5), x));
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${label}; the list below says the same">
<text x="4" y="${TOP - 13}">ms from sending</text>${ticks}
${requestRow(lanes, TOP + LANE / 2, x)}
${rows}</svg>`;
}

function requestRow({ request, connections }: Lanes, y: number, x: (atMs: number) => number): Markup {
  const { endMs, ending, said, kind, executedMs } = request;
  // Where it is known on which connection, it is drawn there: the client may tell of it only in the end.
  const drawn = connections.some(({ marks }) => marks.some(({ what }) => what === 'replay'));
  const replays = drawn ? [] : request.replays;
  const marks = [
    ...executedMs.map((atMs) => ({ atMs, name: 'executed', label: 'executed' }) as const),
    ...replays.map(({ atMs }) => ({ atMs, name: 'replay', label: 'sent again' }) as const),
    { atMs: endMs, name: ending, label: said },
  ];
  return html`<text class="name" x="4" y="${y + 4}">${kind}</text>
<path class="request" d="M${x(0)} ${y}H${x(endMs)}"/><circle class="mark-open" cx="${x(0)}" cy="${y}" r="4"/>
${marked(marks, y, x)}`;
}

function connection(
  { connection: number, own, segments, marks }: ConnectionLane,
  y: number,
  x: (atMs: number) => number,
) {
  const lines = segments.map(
    ({ state, fromMs, toMs }) => html`<path class="${state}" d="M${x(fromMs)} ${y}H${x(toMs)}"/>`,
  );
  const idleMs = segments[0]?.idleMs;
  const note = idleMs === undefined ? undefined : html`<text x="4" y="${y + 14}">idle ${ms(idleMs)} ms</text>`;
  const named = marks.map(({ what, from, atMs }) => ({ atMs, name: what, label: MARKS[what](from) }));
  return html`${own ? html`<path class="own" d="M0 ${y - LANE / 2}H${WIDTH}V${y + LANE / 2}H0z"/>` : undefined}<text class="name" x="4" y="${y - 1}">connection ${number}</text>${lines}${note}${marked(named, y, x)}`;
}

const MARKS: Readonly<Record<Mark['what'], (from: Mark['from']) => string>> = {
  open: () => 'open',
  fin: (from) => `FIN ${from}`,
  reset: (from) => `RST ${from}`,
  drop: () => 'dropped',
  crossing: () => 'crossing',
  replay: () => 'replay',
};

type Shape = Mark['what'] | 'executed' | RequestLane['ending'];

/** Marks on a lane, their labels above it, or below where they would run into each other; else the shape must do. */
function marked(
  marks: readonly { readonly atMs: number; readonly name: Shape; readonly label: string }[],
  y: number,
  x: (atMs: number) => number,
): readonly Markup[] {
  const freeFrom = { above: -Infinity, below: -Infinity };
  return marks
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, name, label }) => {
      const at = x(atMs);
      const half = label.length * 3.4 + 3;
      const place = at - half >= freeFrom.above ? 'above' : at - half >= freeFrom.below ? 'below' : undefined;
      if (place !== undefined) freeFrom[place] = at + half;
      const text =
        place === undefined
          ? undefined
          : html`<text class="text-${name}" x="${Math.min(at, WIDTH - half)}" y="${place === 'above' ? y - 11 : y + 19}" text-anchor="middle">${label}</text>`;
      return html`<g transform="translate(${at} ${y})">${shape(name)}<title>${label} at ${ms(atMs)} ms</title></g>${text}`;
    });
}

function shape(name: Shape): Markup {
  switch (name) {
    case 'open':
      return html`<circle class="mark-open" r="4"/>`;
    case 'fin':
      return html`<path class="mark-fin" d="M-6 -6H6L0 6z"/>`;
    case 'reset':
    case 'failed':
      return html`<path class="mark-reset" d="M-5 -5L5 5M-5 5L5 -5"/>`;
    case 'drop':
      return html`<path class="mark-drop" d="M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0M-4 4L4 -4"/>`;
    case 'crossing':
      return html`<path class="mark-crossing" d="M-7 0L0 -7L7 0L0 7z"/>`;
    case 'replay':
      return html`<path class="mark-replay" d="M-5 -6L6 0L-5 6z"/>`;
    case 'executed':
      return html`<path class="mark-executed" d="M-5 -5H5V5H-5z"/>`;
    case 'answered':
      return html`<path class="mark-answered" d="M-6 0L-2 5L6 -5"/>`;
    case 'silent':
      return html`<path class="mark-drop" d="M-6 0H-4M-1 0H1M4 0H6"/>`;
  }
}

function list({ request, connections, leftOut }: Lanes): Markup {
  const events = [
    { atMs: 0, text: `${request.kind} handed to the client` },
    ...request.executedMs.map((atMs) => ({ atMs, text: 'B executed it' })),
    ...request.replays.map(({ atMs, reason }) => ({ atMs, text: `sent again: ${reason}` })),
    { atMs: request.endMs, text: `${request.ending}: ${request.said}` },
    ...connections.flatMap(({ connection: number, segments, marks }) => [
      ...segments.map(({ state, fromMs, idleMs }) => ({
        atMs: fromMs,
        text: `connection ${number}: ${state}${idleMs === undefined ? '' : ` until ${ms(idleMs)} ms of it`}`,
      })),
      ...marks.map(({ what, from, atMs }) => ({ atMs, text: `connection ${number}: ${MARKS[what](from)}` })),
    ]),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const more =
    leftOut === 0 ? undefined : html`<p>${plural(leftOut, 'more connection')} of this client not told here.</p>`;
  return html`<ol>${events.map(({ atMs, text }) => html`<li><span>${ms(atMs)} ms</span> ${text}</li>`)}</ol>${more}`;
}
