import { expect, it } from 'vitest';
import { compareWithBaseline } from './baseline.mjs';
import { judge } from './goals.mjs';

const committed = { ratios: { 'hot/http/GET/50': { on: { cpu: 1.02 } } } };
const measured = (value, reach, arm = 'on') => [
  {
    id: 'hot/http/GET/50',
    kind: 'hot',
    arms: { [arm]: { cpu: { value, lower: value - reach, upper: value + reach } } },
  },
];

it('fails a ratio that is certainly 10 % worse than the committed one', () => {
  const { complaints, compared } = compareWithBaseline(measured(1.2, 0.05), committed);
  expect(complaints).toEqual(['hot/http/GET/50, Holdline on, cpu: 1.200, at least 1.150; committed 1.02']);
  expect(compared).toBe(1);
});

it('passes a ratio that may be 10 % worse, but only by noise', () => {
  expect(compareWithBaseline(measured(1.2, 0.1), committed).complaints).toEqual([]);
});

it('passes one that is worse by less than 10 %, however surely', () => {
  expect(compareWithBaseline(measured(1.1, 0.001), committed).complaints).toEqual([]);
});

it('does not let a ratio pass for want of a committed one', () => {
  expect(compareWithBaseline(measured(1, 0.01, 'cutoff'), committed).complaints).toEqual([
    'hot/http/GET/50, Holdline cutoff, cpu: no ratio is committed; npm run bench -- --write',
  ]);
});

it('answers for Holdline only', () => {
  expect(compareWithBaseline(measured(2, 0.01, 'keepalive'), committed)).toEqual({ complaints: [], compared: 0 });
});

it('says of a goal that it is met, not met, or open where the bounds lie on both sides', () => {
  const stateAt = (value, reach) => judge(measured(value, reach))[0].verdicts[0].state;
  expect(stateAt(1, 0.02)).toBe('met');
  expect(stateAt(1, 0.05)).toBe('open');
  expect(stateAt(1.05, 0.03)).toBe('open');
  expect(stateAt(1.1, 0.05)).toBe('not met');
});
