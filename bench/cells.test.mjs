import { expect, it } from 'vitest';
import { nameOf } from './arms.mjs';
import { cells, plan } from './cells.mjs';
import { goals } from './goals.mjs';

it('names each cell once', () => {
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
});

it.each(cells)('$id measures what it compares with, and arms that have a name', ({ kind, base, peer, arms }) => {
  if (kind !== 'stale') expect(arms).toEqual(expect.arrayContaining([base, peer].filter(Boolean)));
  expect(arms.filter((arm) => nameOf(arm) === undefined)).toEqual([]);
});

it.each(goals)('some cell can meet or miss the goal "$text"', ({ of, arms }) => {
  expect(cells.some((cell) => of.includes(cell.kind) && arms.some((arm) => cell.arms.includes(arm)))).toBe(true);
});

it('measures the bases, the peers and Holdline in a quick run', () => {
  const arms = Object.fromEntries(plan({ quick: true }).map((part) => [part.cell.id, part.arms]));
  expect(arms['hot/http/GET/50']).toEqual(['node', 'keepalive', 'on']);
  expect(arms['undici/hot/request/GET']).toEqual(['request', 'retryAgent', 'dispatcher']);
});

it('chooses cells by a regular expression', () => {
  const chosen = plan({ only: /^undici\/hot\/fetch/ });
  expect(chosen.map(({ cell }) => cell.id)).toEqual(['undici/hot/fetch/GET', 'undici/hot/fetch/POST']);
});
