import { describe, expect, test } from 'vitest';
import { WIDTH } from '../terminal/text.js';
import { nextState, type ProgressState, progressLine, stageText } from './progress.js';

const start: ProgressState = { label: 'starting', counts: '' };
const idleLimit = { advertisedMs: 5_000, measuredMs: 6_001 };
const arms = { 'own-as-it-is': { sent: 800, hungUp: 84 }, 'foreign-holdline': { sent: 900, hungUp: 7 } };
const calling = nextState(start, { stage: 'calling', idleLimit, trafficMs: 40_000 }, 1_000);
const counting = nextState(calling, { stage: 'counting', arms }, 11_000);

describe('progressLine', () => {
  test('shows how far it is and what happened so far', () => {
    expect(progressLine(counting, 21_000)).toBe(
      '  ████████░░░░░░░░ A calls B 20/40 s · sent 1700 · hung up: A 84, Holdline 7',
    );
  });

  test('stands still at the end, and forgets the span when the ledger is read', () => {
    expect(progressLine(counting, 99_000)).toContain('40/40 s');
    expect(progressLine(nextState(counting, { stage: 'checking' }, 99_000), 99_000)).toBe("  reading B's ledger");
  });

  test('never fills a terminal line, which would scroll', () => {
    for (const columns of [20, 40, 80]) {
      expect(progressLine(counting, 21_000, columns).length).toBeLessThan(columns);
    }
  });
});

describe('stageText', () => {
  test('says what B advertises and what it does', () => {
    expect(stageText({ stage: 'calling', idleLimit, trafficMs: 1 })[0]).toBe(
      '  B         advertises 5 s, closes idle connections after 6.0 s (Node adds 1 s)',
    );
  });

  test('says what a relay cannot show, and what would', () => {
    const lack = { what: 'root', remedy: 'sudo npm run demo' };
    const lines = stageText({ stage: 'measuring', link: { kind: 'relay', delayMs: 8, lack }, expectedMs: 6_000 });
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('a link of packets needs root');
    expect(text).toContain('sudo npm run demo would show it cured');
  });
});
