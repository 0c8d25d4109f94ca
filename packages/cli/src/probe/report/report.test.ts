import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type Habits, response, run } from '../../../test/probe/virtual-world.js';
import { clients } from '../../knowledge/clients.js';
import { plain } from '../../terminal/text.js';
import { explain, explanations } from '../judge/explanations.js';
import { judge } from '../judge/judge.js';
import type { Questions } from '../judge/report.js';
import type { ProbeOptions } from '../options.js';
import { type Judged, json } from './json.js';
import { initialState, liveText, nextState } from './live.js';
import { markdown } from './markdown.js';
import { briefLines, reportLines } from './screen.js';

const WIDTH = 80;

interface Case {
  readonly habits: (connection: number) => Habits;
  readonly options?: ProbeOptions;
  readonly questions?: Questions;
  readonly client?: string;
  readonly width?: number;
}

const node: Habits = { rttMs: 12, idleLimitMs: 6_000, answer: () => response(['Keep-Alive: timeout=5']) };

/** One of each kind of report that a person may get to see. */
const cases: Readonly<Record<string, Case>> = {
  node: { habits: () => node, questions: { traffic: { perSecond: 20, connections: 10 } } },
  'node-narrow': { habits: () => node, width: 48, client: 'undici' },
  'expected-otherwise': { habits: () => node, questions: { expectMs: 60_000, clientIdleMs: 30_000 }, client: 'go' },
  'shorter-than-advertised': {
    habits: () => ({ idleLimitMs: 30_000, closes: '408', answer: () => response(['Keep-Alive: timeout=60, max=100']) }),
    client: 'got',
  },
  'silent-drop': { habits: () => ({ rttMs: 30, forgetsAfterMs: 50_000 }), client: 'nginx' },
  'never-closes': {
    habits: () => ({ answer: () => response([], '401 Unauthorized') }),
    options: { maxWaitMs: 20_000 },
  },
  'two-servers': { habits: (connection) => ({ idleLimitMs: connection % 2 ? 60_000 : 5_000 }), client: 'alb' },
  'no-keep-alive': { habits: () => ({ answer: () => response(['Connection: close']) }) },
  refused: {
    habits: () => ({ fails: { code: 'refused', message: 'b.example:80 refuses connections: nothing listens there.' } }),
  },
};

async function judgedOf({ habits, options, questions }: Case): Promise<Judged> {
  const { observations } = await run(['http://b.example/'], habits, options);
  const [observation] = observations;
  if (!observation) throw new Error('nothing was measured');
  return { observation, report: judge(observation, questions) };
}

describe('the screen', () => {
  test.each(Object.entries(cases))('%s', async (name, each) => {
    const { report } = await judgedOf(each);
    const { client, width = WIDTH } = each;
    const lines = reportLines(report, { paint: plain, width, ...(client !== undefined && { client }) });
    // Code is not broken, for it is to be pasted.
    const prose = lines.filter((line) => !/^ {4}\S/.test(line) || line.includes('·'));
    for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(width);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`__snapshots__/${name}.txt`);
  });

  test('of many URLs tells each briefly', async () => {
    const { report } = await judgedOf(cases['node'] as Case);
    await expect(`${briefLines(report, { paint: plain }).join('\n')}\n`).toMatchFileSnapshot('__snapshots__/brief.txt');
  });
});

describe('for a ticket', () => {
  test('as Markdown', async () => {
    const { report } = await judgedOf(cases['node'] as Case);
    await expect(markdown(report)).toMatchFileSnapshot('__snapshots__/node.md');
  });
});

describe('as JSON', () => {
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(
    JSON.parse(readFileSync(new URL('../../../schemas/probe.schema.json', import.meta.url), 'utf8')),
  );

  test.each(Object.entries(cases))('%s is as the published schema says', async (_, each) => {
    const printed = JSON.parse(json([await judgedOf(each)]));
    validate(printed);
    expect(validate.errors).toBeNull();
  });

  test('the schema refuses what it does not know', async () => {
    const printed = JSON.parse(json([await judgedOf(cases['node'] as Case)]));
    printed.results[0].limit.by = 'magic';
    expect(validate(printed)).toBe(false);
  });
});

describe('explanations', () => {
  test('every finding has one, of more than a line, that fits an inquiry by its id', () => {
    for (const id of Object.keys(explanations)) expect(explain(id)?.length, id).toBeGreaterThan(20);
    expect(explain('toString')).toBeUndefined();
  });
});

describe('the live screen', () => {
  test('tells what is held, for how long, and what came, within a narrow window', async () => {
    const { events } = await run(['http://b.example/'], () => node);
    let state = initialState(['http://b.example/'], 130_000);
    const seen: string[] = [];
    for (const [index, event] of events.entries()) {
      state = nextState(state, event, index * 10);
      const lines = liveText(state, index * 10, 72, 24);
      for (const line of lines) expect(line.length).toBeLessThan(72);
      seen.push(...lines);
    }
    expect(seen[0]).toBe('  b.example 192.0.2.1  connecting');
    expect(seen.some((line) => /16 held \d\.\d s/.test(line))).toBe(true);
    expect(seen.some((line) => line.includes('FIN after 6 s'))).toBe(true);
  });

  test('is never higher than the window', () => {
    const urls = Array.from({ length: 50 }, (_, index) => `http://b${index}.example/`);
    const lines = liveText(initialState(urls, 1_000), 0, 80, 10);
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toBe('  … and 43 more');
  });
});

describe('what clients are known', () => {
  test('each has a source, and a name of its own to ask for', () => {
    expect(new Set(clients.map(({ id }) => id)).size).toBe(clients.length);
    for (const { id, source } of clients) expect(source.length, id).toBeGreaterThan(10);
  });

  test('each that can be set is named in the guide', () => {
    const guide = readFileSync(new URL('../../../../../docs/guides/probe.md', import.meta.url), 'utf8');
    const settable = clients.filter(
      ({ snippets }) => snippets({ cutoffMs: 1, limitMs: 2, origin: 'https://b.example' }).length > 0,
    );
    for (const { id } of settable) expect(guide).toContain(`\`${id}\``);
  });

  test('each snippet has the number in it, and Holdline is first but never only', () => {
    for (const { id, snippets } of clients) {
      const given = snippets({ cutoffMs: 41_000, limitMs: 43_000, origin: 'https://b.example' });
      const plainOnes = given.filter(({ code }) => !code.includes('holdline'));
      if (given.length > 0) expect(plainOnes.length, id).toBeGreaterThan(0);
      expect(
        given.findIndex(({ code }) => code.includes('holdline')),
        id,
      ).toBeLessThanOrEqual(0);
      for (const { code } of plainOnes)
        if (!['requests', 'haproxy'].includes(id))
          expect(code.replaceAll('_', ''), id).toMatch(/\b41(000)?(ms|s|L)?\b/);
    }
  });
});
