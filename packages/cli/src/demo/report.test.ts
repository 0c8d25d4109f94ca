import { describe, expect, test } from 'vitest';
import { plain, WIDTH } from '../terminal/text.js';
import { halves } from './arms.js';
import { judge } from './criteria.js';
import { openingText, reportText } from './report.js';
import type { Story } from './story.js';
import type { ArmResult, HalfResult, Summary } from './summary.js';

const quiet = {
  ...{ sent: 1_200, answered: 1_200, hungUp: 0, hungUpExecuted: 0, hungUpNotExecuted: 0, hungUpUnexplained: 0 },
  ...{ surfacedBy: {}, failed: 0, silent: 0, replayedBy: {}, retried: 0, lost: 0, connects: 390, crossings: 0 },
  executedTwice: { GET: 0, POST: 0, 'keyed POST': 0 },
  latencyMs: { p50: 17.4, p99: 37.2 },
};

const special: Readonly<Record<string, Partial<ArmResult>>> = {
  'own-unpooled': { connects: 1_200, latencyMs: { p50: 34.1, p99: 39.4 } },
  'own-as-it-is': { answered: 1_050, hungUp: 150, hungUpNotExecuted: 150, connects: 330, crossings: 148 },
  'foreign-rule-1': { answered: 1_010, hungUp: 190, hungUpExecuted: 34, hungUpNotExecuted: 156, crossings: 156 },
  'foreign-blind-retry': { retried: 213, executedTwice: { GET: 17, POST: 14, 'keyed POST': 0 }, crossings: 178 },
  'foreign-holdline': {
    ...{ answered: 1_184, hungUp: 16, hungUpExecuted: 14, hungUpNotExecuted: 2, crossings: 165 },
    surfacedBy: { 'no-evidence': 14, 'already-replayed': 2 },
    replayedBy: { idempotent: 87, keyed: 57, undelivered: 36 },
  },
};

/** A summary as a run gives it, in which everything holds unless arms are changed. */
function sampleSummary(changes: Readonly<Record<string, Partial<ArmResult>>> = {}): Summary {
  const results = halves.map((half): HalfResult => {
    const arms = half.arms.map((arm) => ({ ...arm, ...quiet, ...special[arm.id], ...changes[arm.id] }));
    return { id: half.id, arms, story: half.id === 'own' ? hungUpStory : curedStory };
  });
  const planned = Object.fromEntries(halves.flatMap(({ arms }) => arms.map(({ id }) => [id, quiet.sent])));
  const criteria = judge(results, planned);
  return {
    ok: criteria.every(({ holds }) => holds),
    criteria,
    ...{ seed: 1, fast: false, tookMs: 47_000, node: 'v20.20.2', link: { kind: 'packets', delayMs: 8 } },
    idleLimit: { advertisedMs: 5_000, measuredMs: 6_001 },
    halves: results,
  };
}

const packets = [
  { atMs: -5_983.9, what: 'idle' },
  { atMs: 0, what: 'request-left' },
  { atMs: 3.1, what: 'fin-left' },
  { atMs: 8, what: 'request-arrived' },
  { atMs: 8.1, what: 'reset-left' },
  { atMs: 11.1, what: 'fin-arrived' },
] as const;

const hungUpStory: Story = {
  ...{ arm: 'own-as-it-is', kind: 'POST', idleMs: 5_983.9 },
  moments: [...packets, { atMs: 11.5, what: 'error' }, { atMs: 16.1, what: 'reset-arrived' }],
  surfaced: { message: 'socket hang up', executed: false },
};

const curedStory: Story = {
  ...{ arm: 'foreign-holdline', kind: 'POST', idleMs: 5_983.9 },
  moments: [...packets, { atMs: 16.1, what: 'reset-arrived' }, { atMs: 51.4, what: 'replay-answered' }],
  replayedAs: 'undelivered',
};

const screen = (summary: Summary) => [...openingText(plain), ...reportText(summary, plain)];
const allReasons = sampleSummary({
  'foreign-holdline': {
    surfacedBy: Object.fromEntries(
      [
        'no-evidence',
        'fresh-connection',
        'already-replayed',
        'budget-empty',
        'replay-connect-failed',
        'not-recorded',
      ].map((reason) => [reason, 100]),
    ),
  },
});
const failing = sampleSummary({
  'foreign-holdline': { lost: 2, failed: 1, silent: 1, hungUp: 12_345, hungUpUnexplained: 3 },
});
const surfaced: Summary = {
  ...sampleSummary(),
  halves: sampleSummary().halves.map(({ story: _story, ...half }) => ({
    ...half,
    story: {
      ...{ arm: 'foreign-holdline', kind: 'POST', moments: [{ atMs: 12, what: 'error' }] },
      surfaced: {
        reason: 'no-evidence',
        message: `socket hang up: ${'B closed it and '.repeat(20)}so on`,
        executed: true,
      },
    },
  })),
};

describe('the screen', () => {
  test.each([
    ['everything holds', sampleSummary()],
    ['something fails', failing],
    ['hang-ups surface for all reasons', allReasons],
    ['a hang-up surfaced', surfaced],
  ])('fits 80 columns without colour when %s', (_when, summary) => {
    for (const line of screen(summary)) {
      expect(line.length, line).toBeLessThanOrEqual(WIDTH);
      expect(line).not.toMatch(/undefined|NaN|\s$/);
      expect(line).not.toContain('\x1b');
    }
  });

  test('shows both tables', async () => {
    await expect(screen(sampleSummary()).join('\n')).toMatchFileSnapshot('__snapshots__/report.txt');
  });

  test('marks what failed, and does not then say what to do', () => {
    const text = screen(failing).join('\n');
    expect(text).toContain('✗ Holdline lost 3');
    expect(text).toContain('✓ A as it is hung up 150 times');
    expect(text).toContain('The demo failed with seed 1');
    expect(text).not.toContain('What to do');
  });

  test('says of a hang-up that surfaced whether B had executed it, and why it was not sent again', () => {
    const text = screen(surfaced).join('\n');
    expect(text).toContain('B had executed the request');
    expect(text).toContain('Holdline says: socket hang up');
  });

  test('paints only what is wanted, and nothing but paint changes', () => {
    const painted = reportText(failing, (style, text) => `<${style}>${text}</${style}>`);
    expect(painted.join('\n').replaceAll(/<\/?(title|faint|good|bad|warn)>/g, '')).toBe(
      reportText(failing, plain).join('\n'),
    );
    expect(painted.join('\n')).toContain('<bad>');
  });
});
