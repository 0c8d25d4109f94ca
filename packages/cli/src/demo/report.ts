import { type Cell, code, count, type Paint, rule, type Style, seconds, table, wrap } from '../terminal/text.js';
import { storyText } from './story-text.js';
import type { ArmResult, Criterion, HalfResult, Summary } from './summary.js';

/** What each reason means on the screen, for the hang-ups that Holdline lets through. */
const REASONS: Readonly<Record<string, string>> = {
  'no-evidence': 'no key, and nothing shows that B did not get it',
  'fresh-connection': 'its connection was new: not a matter of idle time',
  'already-replayed': 'it had been sent again once already',
  'budget-empty': 'too many requests were sent again lately',
  'replay-connect-failed': 'no new connection could be opened',
  'not-recorded': 'it was too large to be kept',
};

/** The first lines of the screen. */
export function openingText(paint: Paint): string[] {
  return [
    '',
    `  ${paint('title', 'holdline demo')}`,
    '',
    ...wrap(
      `Service A reuses pooled connections to service B, B closes the idle ones, and some requests meet that close: here you see who gets "${code('socket hang up')}", and what Holdline does about it.`,
    ),
    '',
  ];
}

/** Both halves, what held, and what to do. */
export function reportText(summary: Summary, paint: Paint): string[] {
  return [
    ...summary.halves.flatMap((half, index) => [...halfText(half, index + 1, summary, paint), '']),
    rule('What had to hold', paint),
    '',
    ...summary.criteria.flatMap((criterion) => criterionText(criterion, paint)),
    '',
    ...wrap(closingText(summary)),
    '',
  ];
}

function criterionText({ holds, found }: Criterion, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(found, 4);
  const marked = [`  ${holds ? '✓' : '✗'} ${first.trimStart()}`, ...rest];
  if (!holds) return marked.map((line) => paint('bad', line));
  return marked.map((line) => line.replace('✓', paint('good', '✓')));
}

function closingText({ ok, seed }: Summary): string {
  if (!ok) return `The demo failed with seed ${seed}: what did not hold is marked ✗.`;
  return `What to do: where you have ${code('new http.Agent({ keepAlive: true })')}, put ${code('new Agent()')} from 'holdline', and name the origins that honour idempotency keys.`;
}

const LEGEND = [
  '  lost: answered to A, but not in the ledger of B',
  '  crossings: requests that were on the way while the close of B was on the way',
];

function halfText(half: HalfResult, number: number, summary: Summary, paint: Paint): string[] {
  const title = half.id === 'own' ? 'Both sides are yours' : 'B is not yours';
  const intro = half.id === 'own' ? ownIntro(summary) : foreignIntro();
  const story = half.story && storyText(half.story, half.id, summary, paint);
  return [
    rule(`${number}. ${title}`, paint),
    '',
    ...intro.flatMap((text) => wrap(text)),
    '',
    ...table(rowsOf(half.arms), paint),
    '',
    ...(half.id === 'own' ? [...LEGEND.map((line) => paint('faint', line)), ''] : []),
    ...(half.id === 'own' ? ownLesson(half.arms) : foreignLesson(half.arms)),
    ...(story ? ['', ...story] : []),
  ];
}

function ownIntro({ idleLimit }: Summary): string[] {
  return [
    `B is a plain Node server that closes idle connections after ${seconds(idleLimit.measuredMs)}. A's pauses are drawn around that, so that a rare accident happens often.`,
    'Rule 1: let go of an idle connection a little before B does.',
  ];
}

function foreignIntro(): string[] {
  return [
    'B says nothing of its limit, closes idle connections at any time, and now and then dies after it has executed a request. It honours idempotency keys.',
    'Rule 2: when B closes anyway, send again at once what can do no harm. A blind retry sends everything again.',
  ];
}

function ownLesson(arms: readonly ArmResult[]): string[] {
  const [unpooled, asItIs] = [armOf(arms, 'unpooled'), armOf(arms, 'pooled')];
  if (!unpooled || !asItIs) return [];
  return wrap(
    `Pooling pays: ${milliseconds(asItIs.latencyMs.p50)} ms instead of ${milliseconds(unpooled.latencyMs.p50)} for a request, and ${asItIs.connects} connects instead of ${unpooled.connects}. But A as it is, ${code('new http.Agent({ keepAlive: true })')}, keeps a connection longer than B does, and hangs up. Where both sides are yours, rule 1 cures it.`,
  );
}

function foreignLesson(arms: readonly ArmResult[]): string[] {
  const [blind, holdline] = [armOf(arms, 'blind-retry'), armOf(arms, 'holdline')];
  if (!blind || !holdline) return [];
  const lines = wrap(
    `Rule 1 does not help against this B, and a blind retry executed ${count(blind.executedTwice.POST, 'POST')} twice.`,
  );
  if (holdline.hungUp === 0) return [...lines, ...wrap('Holdline let no hang-up through.')];
  return [
    ...lines,
    ...wrap(
      `Holdline let ${count(holdline.hungUp, 'hang-up')} through, and B had executed ${holdline.hungUpExecuted} of them. Each names its reason:`,
    ),
    ...Object.entries(holdline.surfacedBy).map(
      ([reason, number]) => `  ${String(number).padStart(5)}  ${reason}: ${REASONS[reason] ?? 'see its error'}`,
    ),
  ];
}

function armOf(arms: readonly ArmResult[], sending: ArmResult['sending']): ArmResult | undefined {
  return arms.find((arm) => arm.sending === sending);
}

function rowsOf(arms: readonly ArmResult[]) {
  const row = (label: string, cell: (arm: ArmResult) => Cell) => ({ label, cells: arms.map(cell) });
  const counts = (label: string, of: (arm: ArmResult) => number, style?: Style) =>
    row(label, (arm) => numberCell(of(arm), style));
  const ifAny = (label: string, of: (arm: ArmResult) => number, style?: Style) =>
    arms.some((arm) => of(arm) > 0) ? [counts(label, of, style)] : [];
  const replayReasons = [...new Set(arms.flatMap(({ replayedBy }) => Object.keys(replayedBy)))].sort();
  return [
    row('', ({ title, sending }) => ({ text: title, style: sending === 'holdline' ? 'good' : 'title' })),
    row('sent', ({ sent }) => ({ text: String(sent) })),
    row('answered', ({ answered }) => ({ text: String(answered) })),
    row('hung up', ({ hungUp, sending }) => numberCell(hungUp, sending === 'holdline' ? 'warn' : 'bad')),
    ...ifAny('  B had executed it', ({ hungUpExecuted }) => hungUpExecuted),
    ...ifAny('  B had not executed it', ({ hungUpNotExecuted }) => hungUpNotExecuted),
    ...ifAny('other errors', ({ failed }) => failed, 'bad'),
    ...ifAny('neither answer nor error', ({ silent }) => silent, 'bad'),
    counts('replayed', ({ replayedBy }) => total(replayedBy)),
    ...replayReasons.map((reason) => counts(`  ${reason}`, ({ replayedBy }) => replayedBy[reason] ?? 0)),
    ...ifAny('retried blindly', ({ retried }) => retried),
    counts('POSTs executed twice', ({ executedTwice }) => executedTwice.POST + executedTwice['keyed POST'], 'bad'),
    counts('lost', ({ lost }) => lost, 'bad'),
    counts('connects', ({ connects }) => connects),
    row('p50 / p99, ms', ({ latencyMs }) => ({
      text: `${milliseconds(latencyMs.p50)} / ${milliseconds(latencyMs.p99)}`,
    })),
    counts('crossings', ({ crossings }) => crossings),
  ];
}

function numberCell(number: number, style: Style | undefined): Cell {
  if (number === 0) return { text: '0', style: 'faint' };
  return style ? { text: String(number), style } : { text: String(number) };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0);
}

function milliseconds(ms: number): string {
  return String(Math.round(ms));
}
