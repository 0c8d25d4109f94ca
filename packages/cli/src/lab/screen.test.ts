import { expect, test } from 'vitest';
import { plain } from '../terminal/text.js';
import { check } from './checker.js';
import { roundLine, summaryText } from './screen.js';
import type { Cell, Round, Summary } from './summary.js';

const nothing = check({ client: 'c', callersPerPool: 1, roundTripMs: 0 }, [], []);

function cell(client: string, changed: Partial<Cell> = {}, found: object = {}): Cell {
  const findings = { ...nothing, sent: 1_000, answered: 1_000, ...found };
  return { client, title: client, verdict: 'pass', decides: false, reasons: [], findings, ...changed };
}

const round = (cells: readonly Cell[], changed: Partial<Round> = {}): Round => ({
  ...{ id: 'node.idle-close-fin.aimed', server: 'node', fault: 'idle-close-fin', workload: 'aimed' },
  ...{ link: { kind: 'relay', roundTripMs: 10 }, told: 'nothing', planned: 1_000, cells },
  ...changed,
});

const CLIENTS = [
  'http-agent',
  'agentkeepalive',
  'undici-agent',
  'undici-retry-agent',
  'fetch',
  'got',
  'axios',
  'axios-retry',
  'ky',
];

const hungUp = { GET: 100, POST: 39, 'keyed POST': 0 };
const failed = cell(
  'got-holdline',
  { bareId: 'got', verdict: 'fail', decides: true, reasons: ['1 answered, and not in the ledger'] },
  { lost: 1 },
);
const summary: Summary = {
  ...{
    format: 1,
    verdict: 'fail',
    suite: 'matrix',
    seed: 1,
    commandLine: [],
    startedAt: '',
    tookMs: 61_000,
    complete: true,
  },
  ...{ versions: {}, machine: { platform: 'linux-x64', cpus: 2 } },
  rounds: [
    round([
      ...CLIENTS.map((id) => cell(id, {}, { hungUp })),
      ...CLIENTS.map((id) => (id === 'got' ? failed : cell(`${id}-holdline`, { bareId: id }))),
    ]),
    round([], { server: 'nginx', skipped: { what: 'nginx is not installed', remedy: 'apt install nginx' } }),
  ],
};

test('all nine clients fit 80 columns, each with its figure bare and on Holdline', () => {
  const lines = summaryText(summary, 'holdline-lab/x', plain);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines).toContain(`  idle-close-fin        ${'   139'.repeat(9)}`);
  expect(lines).toContain(`    on Holdline         ${'     0'.repeat(5)}     L${'     0'.repeat(3)}`);
});

test('what fails is told in words, and the verdict with its size and seed', () => {
  const text = summaryText(summary, 'holdline-lab/x', plain)
    .join('\n')
    .replaceAll(/\n {4}/g, ' ');
  expect(text).toContain('✗ got-holdline, node · idle-close-fin · aimed: 1 answered, and not in the ledger');
  expect(text).toContain('✗ fail   2 rounds, 18000 requests, 61.0 s, seed 1');
  expect(text).toContain('  L: lost, answered and not executed.\n'); // of the marks only those that occur
});

test('a round is one line that says who hung up; one that did not run says why, with the remedy', () => {
  const [ran, skipped] = summary.rounds.map((one, index) =>
    roundLine({ stage: 'judged', round: one, number: index + 1, of: 2 }, plain),
  );
  expect(ran).toEqual(['  1/2 ✗ node · idle-close-fin · aimed        bare 1251 of 9000 · Holdline 0 of 9000']);
  expect(skipped?.join(' ').replaceAll(/ +/g, ' ')).toBe(
    ' 2/2 ? nginx · idle-close-fin · aimed: did not run: nginx is not installed; apt install nginx',
  );
});

test('a machine that was too busy for its figures is told of', () => {
  const control = (p50: number) =>
    round([cell('http-agent', {}, { latencyMs: { p50, p99: p50, max: p50 } })], { fault: 'none' });
  const text = (p50: number) => summaryText({ ...summary, rounds: [control(p50)] }, 'x', plain).join('\n');
  expect(text(280)).toContain('The machine was busy: where nothing went wrong, a request took 280 ms over a');
  expect(text(15)).not.toContain('busy');
});
