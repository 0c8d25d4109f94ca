import { clientOf } from '../../knowledge/clients.js';
import { count, fact, type Paint, rule, type Style, WIDTH, wrap } from '../../terminal/text.js';
import { duration } from '../duration.js';
import { limitText } from '../judge/findings.js';
import type { Limit } from '../judge/limit.js';
import type { Report, Severity } from '../judge/report.js';
import { clientGroups, hangUpText, snippetsFor, windowText } from './wording.js';

/** How the screen is laid out, and what for. */
export interface ScreenOptions {
  readonly paint: Paint;
  /** Columns; no line is longer, but for code to be pasted. Default: 80. */
  readonly width?: number;
  /** The client that a snippet is wanted for; default: Node's Agent. */
  readonly client?: string;
}

const MARKS: Readonly<Record<Severity, readonly [string, Style]>> = {
  bad: ['✗', 'bad'],
  warn: ['!', 'warn'],
  good: ['✓', 'good'],
  note: ['·', 'faint'],
};
const NAME_WIDTH = 13;

/** All that was found of one URL. */
export function reportLines(report: Report, options: ScreenOptions): string[] {
  const { paint, width = WIDTH } = options;
  if (!report.limit) return briefLines(report, options);
  return [
    ...heading(report, options),
    ...factLines(report, options),
    '',
    ...findingLines(report, options),
    '',
    ...clientLines(report, options),
    ...(report.cutoffMs === undefined
      ? []
      : [rule('What to set', paint, width), '', ...snippetLines(report, options), '', ...closing(report, options), '']),
  ];
}

/** One of many: the facts, and what is not in order. */
export function briefLines(report: Report, options: ScreenOptions): string[] {
  const notGood = {
    ...report,
    findings: report.findings.filter(({ severity }) => severity === 'bad' || severity === 'warn'),
  };
  const facts = report.limit ? factLines(report, options) : [];
  const findings = findingLines(notGood, options);
  const gap = facts.length > 0 && findings.length > 0 ? [''] : [];
  return [...heading(report, options), ...facts, ...gap, ...findings, ''];
}

function heading({ url }: Report, { paint, width = WIDTH }: ScreenOptions): string[] {
  return [rule(url, paint, width), ''];
}

function factLines(report: Report, { paint, width = WIDTH }: ScreenOptions): string[] {
  const { limit, advertisedMs, advertisedMax, cutoffMs } = report;
  const line = (name: string, text: string) => fact(name, text, { nameWidth: NAME_WIDTH, width });
  const lines: string[] = [];
  if (limit)
    lines.push(
      ...styled(line('Idle limit', `${limitText(limit)}${precision(limit)}`), 'title', limitText(limit), paint),
    );
  const max = advertisedMax === undefined ? '' : `, max=${advertisedMax} requests`;
  lines.push(...line('Advertised', advertisedMs === undefined ? `nothing${max}` : `${duration(advertisedMs)}${max}`));
  const window = windowText(report);
  if (window !== undefined) lines.push(...line('Danger', window));
  if (cutoffMs !== undefined) {
    const set = line('Set', `${duration(cutoffMs)}: reuse no connection that was idle for longer`);
    lines.push(...styled(set, 'good', duration(cutoffMs), paint));
  }
  return lines;
}

function styled(lines: string[], style: Style, part: string, paint: Paint): string[] {
  return part === ''
    ? lines
    : lines.map((line, index) => (index === 0 ? line.replace(part, paint(style, part)) : line));
}

function precision(limit: Limit): string {
  if (limit.kind !== 'closed') return '';
  const half = Math.max(limit.highMs - limit.ms, limit.ms - limit.lowMs, limit.doubtMs);
  const blur = half < 0.1 ? 'less than 0.1 ms' : duration(half);
  return ` ± ${blur} (${count(limit.samples, 'connection')})`;
}

function findingLines({ findings }: Report, { paint, width = WIDTH }: ScreenOptions): string[] {
  return findings.flatMap(({ severity, text, id }) => {
    const [mark, style] = MARKS[severity];
    const lines = wrap(`${text} [${id}]`, 4, width);
    return lines.map((line, index) =>
      (index === 0 ? `  ${paint(style, mark)} ${line.trimStart()}` : line).replace(
        `[${id}]`,
        paint('faint', `[${id}]`),
      ),
    );
  });
}

function clientLines(report: Report, { paint, width = WIDTH }: ScreenOptions): string[] {
  const groups = clientGroups(report);
  if (groups.length === 0) return [];
  const hangUps = hangUpText(report).flatMap((text) => wrap(text, 2, width));
  return [
    rule('Clients by their defaults, and when they let go', paint, width),
    '',
    ...groups.flatMap(({ severity, title, clients }) => {
      const [mark, style] = MARKS[severity];
      const [first = '', ...rest] = wrap(`${title}: ${clients}`, 4, width);
      return [`  ${paint(style, mark)} ${first.trimStart().replace(title, paint(style, title))}`, ...rest];
    }),
    '',
    ...(hangUps.length > 0 ? [...hangUps, ''] : []),
  ];
}

function snippetLines(report: Report, { client, paint, width = WIDTH }: ScreenOptions): string[] {
  const { note, snippets } = snippetsFor(report, client);
  const noted = note === undefined ? [] : [...wrap(note, 2, width), ...(snippets.length > 0 ? [''] : [])];
  const blocks = snippets.map(({ title, code }) => [
    ...wrap(title, 2, width).map((line) => paint('faint', line)),
    ...code
      .trim()
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`)),
  ]);
  return [...noted, ...blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]))];
}

function closing(report: Report, { client, width = WIDTH }: ScreenOptions): string[] {
  const other =
    client === undefined || !clientOf(client)
      ? 'For your client: --client got, axios, undici, go, java, nginx, alb, … '
      : '';
  const first = report.findings.find(({ id }) => id !== 'probe-was-busy');
  const why = first ? `More about a finding: holdline probe --explain ${first.id}` : '';
  return [other, why].filter((text) => text !== '').flatMap((text) => wrap(text.trim(), 2, width));
}
