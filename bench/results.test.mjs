import { expect, it } from 'vitest';
import { judge } from './goals.mjs';
import { resultOf } from './results.mjs';

/** Two launches of one round, in which each arm's figures are these. */
const launchesOf = (blocks) => [[blocks], [blocks]];
const hot = (cpu) => ({ cpu, wall: 2 * cpu, p50: 1, p99: 2, opened: 0 });

const cell = { id: 'undici/hot/request/GET', title: 'hot', kind: 'hot', base: 'request', peer: 'retryAgent' };
const arms = ['request', 'retryAgent', 'dispatcher'];
const measured = launchesOf({ request: hot(20), retryAgent: hot(25), dispatcher: hot(22) });

it('compares each arm with the base of its own cell, and its CPU with that of the peer too', () => {
  const result = resultOf({ cell, arms }, measured);
  expect(result.baseArm).toBe('request');
  expect(result.base).toMatchObject({ cpu: 20, wall: 40 });
  expect(Object.keys(result.arms)).toEqual(['retryAgent', 'dispatcher']);
  expect(result.arms.dispatcher.cpu.value).toBeCloseTo(1.1, 10);
  expect(result.arms.dispatcher.cpuToPeer.value).toBeCloseTo(22 / 25, 10);
  expect(result.arms.retryAgent.cpu.value).toBeCloseTo(1.25, 10);
  expect(result.arms.retryAgent).not.toHaveProperty('cpuToPeer');
});

it('compares with no peer that was not measured', () => {
  const result = resultOf({ cell, arms: ['request', 'dispatcher'] }, measured);
  expect(result.arms.dispatcher).not.toHaveProperty('cpuToPeer');
});

it('compares a stale GET with a GET of the same arm that needed a new connection', () => {
  const launches = launchesOf({
    dispatcher: { recovery: 1.5, fresh: 1, late: 0.5 },
    retryAgent: { recovery: 502, fresh: 2, late: 500 },
  });
  const stale = { id: 'undici/stale/request', title: 'stale', kind: 'stale' };
  const result = resultOf({ cell: stale, arms: ['dispatcher', 'retryAgent'] }, launches);
  expect(result.base.fresh).toBe(1);
  expect(result.arms.dispatcher.late.value).toBe(0.5);
  expect(result.arms.retryAgent.late.value).toBe(500);
});

it('judges a goal for each of the arms that it speaks of, and for no other', () => {
  const both = resultOf(
    { cell, arms: [...arms, 'connector'] },
    launchesOf({ request: hot(20), retryAgent: hot(25), dispatcher: hot(22), connector: hot(20) }),
  );
  const verdicts = Object.fromEntries(judge([both]).map((each) => [each.goal.text, each.verdicts]));
  expect(Object.keys(verdicts)).toEqual([
    'undici, CPU, hot: at most 1.03 × bare',
    'undici, CPU: at most 0.9 × RetryAgent',
  ]);
  const states = verdicts['undici, CPU, hot: at most 1.03 × bare'].map(({ arm, state }) => [arm, state]);
  expect(states).toEqual([
    ['connector', 'met'],
    ['dispatcher', 'not met'],
  ]);
});
