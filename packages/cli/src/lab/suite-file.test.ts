import { expect, test } from 'vitest';
import { namesOf } from './lab.js';
import { parts } from './parts.js';
import { findSuite, listSuites, parseSuite } from './suite-file.js';

const names = { servers: ['node', 'nginx'], faults: ['none', 'idle-close-fin'], clients: ['got', 'got-holdline'] };

const parse = (text: string) => parseSuite(text, 'my.yaml', names);
const round = (line: string) => `suite: mine\nrounds:\n  - server: node\n    fault: none\n    ${line}\n`;

test('the suites that come with the lab are right, and are found by name', () => {
  const all = listSuites(namesOf(parts));
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['matrix', 'million', 'quick', 'seed', 'soak']));
  for (const { name, rounds, description } of all) {
    expect(findSuite(name, namesOf(parts)).rounds.length).toBe(rounds.length);
    expect(new Set(rounds.map(({ id }) => id)).size).toBe(rounds.length);
    expect(description).not.toBe('');
  }
});

test('lists are spelt out, and what is said once for all holds in each round unless it says otherwise', () => {
  const { rounds } = parse(
    'suite: mine\ndefaults: { callers: 3, workload: steady }\nrounds:\n  - { server: [node, nginx], fault: [none, idle-close-fin], callers: 5 }\n  - { server: node, fault: none, repeat: 2 }\n',
  );
  expect(rounds.map(({ id, callers }) => [id, callers])).toEqual([
    ['node.none.steady', 5],
    ['node.idle-close-fin.steady', 5],
    ['nginx.none.steady', 5],
    ['nginx.idle-close-fin.steady', 5],
    ['node.none.steady.2', 3],
    ['node.none.steady.3', 3],
  ]);
});

for (const [what, text, message] of [
  [
    'a name that is not known, with the nearest',
    'suite: mine\nrounds:\n  - server: nginxx\n    fault: none\n',
    /^my\.yaml:3:13: rounds\.0\.server: found "nginxx", did you mean "nginx"\?/,
  ],
  [
    'a setting that does not exist',
    round('caller: 3'),
    /^my\.yaml:5:5: rounds\.0\.caller: there is no such setting, did you mean "callers"\?/,
  ],
  [
    'a value of another kind',
    round('callers: many'),
    /^my\.yaml:5:14: rounds\.0\.callers: found "many", expected number/,
  ],
  ['a number out of bounds', round('callers: 0'), /^my\.yaml:5:14: rounds\.0\.callers: found 0, expected at least 1/],
  [
    'shares that do not add up',
    round('mix: { GET: 1, POST: 1, keyed POST: 0 }'),
    /^my\.yaml:5:10: rounds\.0\.mix: expected shares that add up to 1/,
  ],
  [
    "a workload's option that does not exist",
    round('workload: { steady: { everyMss: 4 } }'),
    /^my\.yaml:5:27: rounds\.0\.workload\.steady\.everyMss: there is no such setting, did you mean "everyMs"\?/,
  ],
  [
    'a workload that does not exist',
    round('workload: aimd'),
    /^my\.yaml:5:15: rounds\.0\.workload: found "aimd", did you mean "aimed"\?/,
  ],
  [
    'a client that does not exist',
    round('clients: [gott]'),
    /^my\.yaml:5:15: rounds\.0\.clients\.0: found "gott", did you mean "got"\?/,
  ],
  ['what is missing', 'suite: mine\nrounds:\n  - server: node\n', /^my\.yaml:3:5: rounds\.0\.fault: is missing/],
  ['YAML that is none', 'suite: [\n', /^my\.yaml:2:1: /],
  ['an empty file', '', /^my\.yaml:1:1: the file: found null, expected Object/],
] as const) {
  test(`${what} is told with its place`, () => {
    expect(() => parse(text)).toThrow(message);
  });
}

test('a suite that does not exist is told with those that do', () => {
  expect(() => findSuite('matrx', names)).toThrow(/no suite "matrx", did you mean "matrix"\?/);
  expect(() => findSuite('./none.yaml', names)).toThrow(/none\.yaml: .*expected a suite's file/);
});
