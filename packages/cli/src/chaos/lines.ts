import { formatDuration } from '../duration.js';
import type { LinkRules } from '../lab/roles.js';
import { count, type Paint, type Style, WIDTH } from '../terminal/text.js';
import type { ChaosEvent, ChaosTotals } from './events.js';
import type { Target } from './settings.js';

const WAYS = { fin: 'FIN', reset: 'RST', 408: '408, FIN' } as const;

/** What the link will do, before anything has happened. */
export function headLines(url: string, target: Target, rules: LinkRules, paint: Paint, durationMs?: number): string[] {
  const told = ruleLines(rules);
  return [
    paint('title', `${url} → ${target.origin}`),
    '',
    ...(told.length > 0 ? told : [['no fault', 'it only passes everything on'] as const]).map(
      ([name, what]) => `  ${name.padEnd(16)}${what}`,
    ),
    '',
    ...(target.tls ? tlsLines(url, target) : [`  Let your client call ${url} instead of B.`]),
    `  Ctrl-C ends it${durationMs === undefined ? '' : `, or ${formatDuration(durationMs)}`}.`,
    '',
  ];
}

/** A client must go on calling B by its name, or B's certificate does not fit. */
function tlsLines(url: string, { host, port, origin }: Target): string[] {
  const { hostname, port: own } = new URL(url);
  return [
    '  TLS passes as it is, so your client has to call B by its name, as here:',
    `  curl --connect-to ${host}:${port}:${hostname}:${own} ${origin}`,
  ];
}

function ruleLines(rules: LinkRules): (readonly [string, string])[] {
  const { delayMs, jitterMs, closeIdleMs, closeBy = 'fin', halfCloseIdleMs, dropIdleMs } = rules;
  const { delayFinMs, splitAt, splitPauseMs, maxRequests } = rules;
  const lines: (readonly [string, string] | undefined)[] = [
    delayMs === undefined ? undefined : ['delay', `${formatDuration(delayMs)} each way`],
    jitterMs === undefined ? undefined : ['jitter', `up to ${formatDuration(jitterMs)} more`],
    closeIdleMs === undefined ? undefined : ['idle close', `after ${formatDuration(closeIdleMs)}: ${WAYS[closeBy]}`],
    maxRequests === undefined
      ? undefined
      : ['request limit', `after ${count(maxRequests, 'request')}, unannounced: ${WAYS[closeBy]}`],
    halfCloseIdleMs === undefined
      ? undefined
      : ['half-close', `after ${formatDuration(halfCloseIdleMs)} idle: FIN, and nothing is answered`],
    dropIdleMs === undefined
      ? undefined
      : ['silent drop', `after ${formatDuration(dropIdleMs)} idle: all is lost without a word`],
    delayFinMs === undefined ? undefined : ['late FIN', `${formatDuration(delayFinMs)} after its turn`],
    splitAt === undefined
      ? undefined
      : [
          'split answer',
          `at byte ${splitAt}${splitPauseMs === undefined ? '' : `, ${formatDuration(splitPauseMs)} between`}`,
        ],
  ];
  return lines.filter((line) => line !== undefined);
}

/** One line for an event, not wider than the screen. */
export function eventLine(event: ChaosEvent, rules: LinkRules, paint: Paint): string {
  const [text, style] = textOf(event, rules);
  const start = `${(event.atMs / 1_000).toFixed(3).padStart(9)} s  ${`#${event.connection}`.padEnd(6)} `;
  const whole = text.slice(0, WIDTH - 1 - start.length);
  return start + (style ? paint(style, whole) : whole);
}

function textOf(event: ChaosEvent, { closeBy = 'fin' }: LinkRules): readonly [string, Style?] {
  switch (event.what) {
    case 'open':
      return [`connected, from port ${event.port}`, 'faint'];
    case 'unreachable':
      return [`B cannot be reached: ${event.message}`, 'bad'];
    case 'idle-close':
      return [`idle for ${formatDuration(event.idleMs)}: closed, ${WAYS[closeBy]}`];
    case 'last-request-close':
      return [`its last request is answered: closed, ${WAYS[closeBy]}`];
    case 'half-close':
      return [`idle for ${formatDuration(event.idleMs)}: half-closed, FIN`];
    case 'forget':
      return [`idle for ${formatDuration(event.idleMs)}: forgotten`];
    case 'b-close': {
      const when = event.idleMs === undefined ? ' during a request' : `, idle for ${formatDuration(event.idleMs)}`;
      return [`B closed it itself${when}: ${WAYS[event.by]}`, 'warn'];
    }
    case 'met-close':
      return [
        `${count(event.bytes, 'byte')} met the close, ${formatDuration(event.afterMs)} after it${event.crossing ? ': a crossing' : ''}`,
        'bad',
      ];
    case 'drop':
      return [`${count(event.bytes, 'byte')} from ${event.from === 'A' ? 'your client' : 'B'} lost`, 'bad'];
  }
}

/** What it came to. */
export function totalLines(totals: ChaosTotals, paint: Paint): string[] {
  const row = (name: string, value: number, what: string, style?: Style) => {
    const number = String(value).padStart(6);
    return `  ${name.padEnd(22)}${style && value > 0 ? paint(style, number) : number}  ${paint('faint', what)}`.trimEnd();
  };
  return [
    '',
    paint('title', `In ${formatDuration(totals.ranMs)}`),
    '',
    row('connections', totals.connections, ''),
    row('closed by the faults', totals.closedByRules, ''),
    row('closed by B', totals.closedByB, ''),
    row('met a close', totals.metClose, 'a request came to a closed B', 'bad'),
    row('  of these, crossings', totals.crossings, 'it left before the close arrived', 'bad'),
    row('lost bytes', totals.dropped, '', 'bad'),
    ...(totals.unreachable > 0 ? [row('B was not there', totals.unreachable, '', 'bad')] : []),
  ];
}
