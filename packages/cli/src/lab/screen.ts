import { type Paint, type Style, seconds, WIDTH, wrap } from '../terminal/text.js';
import { busyText } from './busy.js';
import type { Counts } from './play.js';
import type { Stage } from './run.js';
import type { Cell, Findings, PerKind, Round, Summary, Verdict } from './summary.js';

// What `holdline lab run` shows, at 80 columns, with or without colour.

const MARKS: Readonly<Record<Verdict, { readonly mark: string; readonly style: Style }>> = {
  pass: { mark: '✓', style: 'good' },
  fail: { mark: '✗', style: 'bad' },
  unknown: { mark: '?', style: 'warn' },
};

/** What a round is called, in a line. */
export function roundName({ server, fault, workload }: Pick<Round, 'server' | 'fault' | 'workload'>): string {
  return `${server} · ${fault} · ${workload}`;
}

/** What the line that is redrawn says of counts. */
export function countsText({ sent, hungUp }: Counts): string {
  return `sent ${sent} · hung up: bare ${hungUp.bare}, Holdline ${hungUp.holdline}`;
}

/** The line of a round that was judged. */
export function roundLine({ round, number, of }: Extract<Stage, { stage: 'judged' }>, paint: Paint): string[] {
  const place = `${number}/${of}`.padStart(`${of}/${of}`.length);
  if (round.skipped) {
    const [first = '', ...rest] = wrap(
      `${roundName(round)}: did not run: ${round.skipped.what}; ${round.skipped.remedy}`,
      4 + place.length,
    );
    return [`  ${paint('faint', place)} ${paint('warn', '?')} ${first.trimStart()}`, ...rest];
  }
  const { mark, style } = MARKS[verdictOfRound(round)];
  const [bare, ours] = [sideOf(round, false), sideOf(round, true)];
  const told = [hangUpsText('bare', bare), hangUpsText('Holdline', ours)].filter((text) => text !== '').join(' · ');
  return [`  ${paint('faint', place)} ${paint(style, mark)} ${roundName(round).padEnd(36)} ${told}`];
}

function verdictOfRound({ cells }: Round): Verdict {
  const verdicts = cells.filter(({ decides }) => decides).map(({ verdict }) => verdict);
  return verdicts.includes('fail') ? 'fail' : verdicts.includes('unknown') ? 'unknown' : 'pass';
}

function sideOf({ cells }: Round, onHoldline: boolean): Findings[] {
  return cells.flatMap(({ bareId, findings }) => (findings && (bareId !== undefined) === onHoldline ? [findings] : []));
}

function hangUpsText(name: string, all: readonly Findings[]): string {
  if (all.length === 0) return '';
  const hungUp = all.reduce((sum, findings) => sum + total(findings.hungUp), 0);
  const sent = all.reduce((sum, findings) => sum + findings.sent, 0);
  return `${name} ${hungUp} of ${sent}`;
}

/** Everything that was found: a table of clients and rounds, what is wrong in words, and the verdict. */
export function summaryText(summary: Summary, directory: string, paint: Paint): string[] {
  const { mark, style } = MARKS[summary.verdict];
  const busy = busyText(summary.rounds);
  const sent = summary.rounds
    .flatMap(({ cells }) => cells)
    .reduce((sum, { findings }) => sum + (findings?.sent ?? 0), 0);
  return [
    '',
    ...tableText(summary, paint),
    ...wrongText(summary, paint),
    ...(busy === undefined ? [] : [...wrap(busy).map((line) => paint('warn', line)), '']),
    `  ${paint(style, `${mark} ${summary.verdict}`)}   ${summary.rounds.length} rounds, ${sent} requests, ${seconds(summary.tookMs)}, seed ${summary.seed}${summary.complete ? '' : ', incomplete'}`,
    `  ${paint('faint', `kept in ${directory}`)}`,
    '',
  ];
}

const LABEL = 22;
const CELL = 6;
const COLUMNS = Math.floor((WIDTH - 2 - LABEL) / CELL);

/** Each client of the lab in two short words, one above the other. */
const HEADS: Readonly<Record<string, readonly [string, string]>> = {
  'http-agent': ['http.', 'Agent'],
  agentkeepalive: ['agent', 'keepa'],
  'undici-agent': ['undi-', 'ci'],
  'undici-retry-agent': ['Retry', 'Agent'],
  fetch: ['', 'fetch'],
  got: ['', 'got'],
  axios: ['', 'axios'],
  'axios-retry': ['axios', 'retry'],
  ky: ['', 'ky'],
  script: ['', 'yours'],
};

function tableText({ rounds }: Summary, paint: Paint): string[] {
  const ran = rounds.filter(({ skipped }) => !skipped);
  const ids = [...new Set(ran.flatMap(({ cells }) => cells.map(({ client, bareId }) => bareId ?? client)))];
  const columns = ids.slice(0, COLUMNS);
  if (columns.length === 0) return [];
  const line = (label: string, texts: readonly { text: string; style?: Style }[]) =>
    `  ${label.slice(0, LABEL).padEnd(LABEL)}${texts.map(({ text, style }) => (style ? paint(style, text.padStart(CELL)) : text.padStart(CELL))).join('')}`;
  const head = (index: 0 | 1) =>
    line(
      '',
      columns.map((id) => ({ text: HEADS[id]?.[index] ?? (index ? id.slice(0, 5) : ''), style: 'title' as const })),
    );
  const body = ran.flatMap((round) => {
    const of = (onHoldline: boolean) =>
      columns.map((id) =>
        cellText(round.cells.find((cell) => (onHoldline ? cell.bareId === id : cell.client === id && !cell.bareId))),
      );
    const ours = round.cells.some(({ bareId }) => bareId !== undefined);
    return [line(labelOf(round, rounds), of(false)), ...(ours ? [line('  on Holdline', of(true))] : [])];
  });
  return [`  ${paint('title', 'Hung up, of 1 000 requests')}`, '', head(0), head(1), ...body, '', ...legendFor(body)];
}

const LEGEND: readonly (readonly [RegExp, string])[] = [
  [/2×/, '2×: executed a POST twice.'],
  [/L/, 'L: lost, answered and not executed.'],
  [/M/, 'M: got another one’s answer.'],
  [/S/, 'S: neither answer nor error.'],
  [/e/, 'e: other errors.'],
  [/c/, 'c: connects too often.'],
  [/\?/, '?: not shown.'],
  [/–/, '–: no such client.'],
];

/** Explains the marks that occur. */
function legendFor(body: readonly string[]): string[] {
  const cells = body.map((line) => line.slice(2 + LABEL));
  const words = LEGEND.filter(([mark]) => cells.some((line) => mark.test(line))).map(([, meaning]) => meaning);
  return words.length === 0 ? [] : [...wrap(words.join(' ')), ''];
}

/** The shortest that names it among the others. */
function labelOf({ server, fault, told }: Round, rounds: readonly Round[]): string {
  if (server !== 'node' && rounds.filter((round) => round.server === server).length === 1) return server;
  const label = server === 'node' ? fault : `${server} ${fault}`;
  return told === 'nothing' ? label : `${label} ${told}`;
}

/** A cell in at most five letters. */
function cellText(cell: Cell | undefined): { text: string; style?: Style } {
  if (!cell) return { text: '–', style: 'faint' };
  const { findings, verdict } = cell;
  if (!findings) return { text: '?', style: 'warn' };
  const perMille = (total(findings.hungUp) / Math.max(1, findings.sent)) * 1_000;
  const rate = perMille === 0 ? '0' : perMille < 10 ? perMille.toFixed(1) : perMille.toFixed(0);
  const twice = findings.twice.POST + findings.twice['keyed POST'] > 0 ? '2×' : '';
  // An answer that refuses is B's, and no error of the connection's.
  const errors = perMille === 0 && Object.keys(findings.failedBy).some((code) => !code.startsWith('HTTP ')) ? 'e' : '';
  const marks = `${errors}${findings.lost > 0 ? 'L' : ''}${findings.mixedUp > 0 ? 'M' : ''}${findings.silent > 0 ? 'S' : ''}`;
  const other = verdict === 'fail' && !twice && !marks && perMille === 0 ? 'c' : '';
  const all = `${twice}${marks}${other}${verdict === 'unknown' ? '?' : ''}`;
  const text = rate === '0' && all !== '' ? all : `${rate}${all}`;
  const style: Style | undefined =
    verdict === 'fail'
      ? 'bad'
      : verdict === 'unknown'
        ? 'warn'
        : perMille > 0
          ? cell.bareId
            ? 'warn'
            : 'bad'
          : undefined;
  return style ? { text, style } : { text };
}

/** What is wrong, a paragraph for each kind of it. */
function wrongText({ rounds }: Summary, paint: Paint): string[] {
  const wrong = rounds.flatMap((round) =>
    round.cells
      .filter(({ verdict, decides }) => decides && verdict !== 'pass')
      .map((cell) => ({ cell, text: `${cell.title}, ${roundName(round)}: ${cell.reasons.join('; ')}` })),
  );
  const shown = wrong.slice(0, MOST_WRONG);
  const more = wrong.length - shown.length;
  const lines = shown.flatMap(({ cell, text }) => {
    const [first = '', ...rest] = wrap(text, 4);
    const { mark, style } = MARKS[cell.verdict];
    return [`  ${paint(style, mark)} ${first.trimStart()}`, ...rest];
  });
  if (more > 0) lines.push(`  and ${more} more in summary.json`);
  return lines.length > 0 ? [...lines, ''] : [];
}

const MOST_WRONG = 20;

function total(counts: PerKind): number {
  return counts.GET + counts.POST + counts['keyed POST'];
}
