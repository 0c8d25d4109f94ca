import { describe, expect, it } from 'vitest';
import { findings } from '../../../../test/support/findings.js';
import type { Cell, Round, Summary } from '../../summary.js';
import { matrixOf, stateOf } from './matrix.js';
import { outcomeOf } from './outcome.js';

const skipped = { what: 'got is not installed', remedy: 'npm install got' };

function cell(client: string, changes: Partial<Cell> = {}): Cell {
  const onHoldline = client.endsWith('-holdline');
  const named = { client, title: client, ...(onHoldline && { bareId: client.replace('-holdline', '') }) };
  return { ...named, decides: onHoldline, verdict: 'pass', reasons: [], findings: findings(), ...changes };
}

function notRun(client: string): Cell {
  const { findings: _, ...rest } = cell(client, { verdict: 'unknown', skipped });
  return rest;
}

function round(id: string, cells: readonly Cell[], changes: Partial<Round> = {}): Round {
  const link = { kind: 'relay', roundTripMs: 10 } as const;
  return { id, server: 'node', fault: id, workload: 'aimed', link, told: 'nothing', planned: 10, cells, ...changes };
}

function summary(rounds: readonly Round[], changes: Partial<Summary> = {}): Summary {
  return {
    format: 1,
    verdict: 'pass',
    suite: 'seed',
    seed: 1,
    commandLine: ['holdline', 'lab', 'run'],
    startedAt: '2026-03-01T10:20:30.000Z',
    tookMs: 1000,
    complete: true,
    versions: {},
    machine: { platform: 'linux', cpus: 2 },
    rounds,
    ...changes,
  };
}

describe('the table of clients × faults', () => {
  it('has a client bare and on Holdline side by side, and a cell for each round, there or not', () => {
    const { pairs } = matrixOf(
      summary([
        round('a', [cell('got-holdline'), cell('ky'), cell('got')]),
        round('b', [cell('ky-holdline'), cell('got')]),
      ]),
    );
    expect(pairs.map((pair) => pair.map(({ client }) => client))).toEqual([
      ['got', 'got-holdline'],
      ['ky', 'ky-holdline'],
    ]);
    expect(pairs[1]?.map(({ cells }) => cells.map((each) => each?.client))).toEqual([
      ['ky', undefined],
      [undefined, 'ky-holdline'],
    ]);
  });

  it('tells rounds with one fault apart by that in which they differ, and nothing else', () => {
    const nginx = round('b', [], { fault: 'a', server: 'nginx', told: 'hint' });
    const { columns } = matrixOf(summary([round('a', []), nginx, round('c', [], { server: 'nginx' })]));
    expect(columns.map(({ detail }) => detail)).toEqual(['node · untold', 'nginx · hint', '']);
  });

  it('adds up what ran; a cell that did not run counts for nothing', () => {
    const hungUp = { GET: 1, POST: 2, 'keyed POST': 0 };
    const wrong = cell('got', {
      verdict: 'fail',
      findings: findings({ hungUp, twice: { GET: 9, POST: 1, 'keyed POST': 1 } }),
    });
    const { pairs } = matrixOf(summary([round('a', [wrong]), round('b', [cell('got')]), round('c', [notRun('got')])]));
    const sums = { state: 'fail', cells: 2, sent: 20, hungUp: 3, twice: 2 };
    expect(pairs[0]?.[0]?.sums).toMatchObject(sums);
  });
});

describe('what a cell is to whoever looks', () => {
  const hungUp = findings({ hungUp: { GET: 1, POST: 0, 'keyed POST': 0 } });

  it('is harm where a peer hangs up, though nobody judges it, and the verdict where it is Holdline', () => {
    expect(stateOf(cell('got', { findings: hungUp }))).toBe('harmed');
    expect(stateOf(cell('got'))).toBe('pass');
    expect(stateOf(cell('got-holdline', { findings: hungUp }))).toBe('pass');
    expect(stateOf(cell('got', { verdict: 'unknown', findings: hungUp }))).toBe('unknown');
    expect(stateOf(notRun('got-holdline'))).toBe('skipped');
  });
});

describe('a run in a sentence', () => {
  const fail = { verdict: 'fail', reasons: ['1 × POST executed twice'] } as const;

  it('says how many of those that count failed, whatever the peers did', () => {
    const { sentence } = outcomeOf(
      summary([round('a', [cell('got', fail), cell('got-holdline', fail)]), round('b', [cell('got-holdline')])]),
    );
    expect(sentence).toBe('1 of 2 cells on Holdline failed.');
    expect(outcomeOf(summary([round('a', [cell('got', fail), cell('got-holdline')])])).sentence).toBe(
      'All 1 cell on Holdline passed.',
    );
  });

  it('says what could not be shown, what did not run, and that it was interrupted', () => {
    const unsure = cell('got-holdline', { verdict: 'unknown', reasons: ['no crossing'] });
    const rounds = [round('a', [unsure]), round('b', [notRun('ky-holdline')], { skipped })];
    expect(outcomeOf(summary(rounds, { complete: false })).sentence).toBe(
      'None of 1 cell on Holdline failed. 1 could not show what it was to show. 1 of 2 rounds did not run. ' +
        'The run was interrupted: this is what was recorded until then.',
    );
  });

  it('does not pass where nothing ran', () => {
    expect(outcomeOf(summary([])).sentence).toBe('No cell ran that the verdict could depend on.');
  });

  it('names clients with one and the same reason together, the failures first', () => {
    const unsure = (client: string) => cell(client, { verdict: 'unknown', reasons: ['no crossing'] });
    const cells = [unsure('got-holdline'), cell('ky-holdline', fail), unsure('axios-holdline'), cell('ky', fail)];
    const { against } = outcomeOf(summary([round('a', cells), round('b', [notRun('got-holdline')], { skipped })]));
    expect(against.map((each) => [each.verdict, each.reason, each.cells.map(({ client }) => client)])).toEqual([
      ['fail', '1 × POST executed twice', ['ky-holdline']],
      ['unknown', 'no crossing', ['got-holdline', 'axios-holdline']],
      ['skipped', 'not run: got is not installed. npm install got', []],
    ]);
  });
});
