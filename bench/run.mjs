// `npm run bench`: Holdline and its peers side by side, in one run, in pairs.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, ready, root } from '../scripts/ready.mjs';
import { compareWithBaseline, readBaseline, writeBaseline } from './baseline.mjs';
import { cells, plan } from './cells.mjs';
import { judge } from './goals.mjs';
import { measure } from './measure.mjs';
import { writePage } from './page.mjs';
import { startServer } from './processes.mjs';
import { cellText, goalsText, LEGEND, progress } from './report.mjs';
import { resultOf } from './results.mjs';

const USAGE = `npm run bench [-- options]

  --quick          the key cells and arms only, in about a minute
  --only PATTERN   the cells whose id fits this regular expression, such as
                   'hot/http/GET' or '^heap'
  --check          fail if a ratio is 10 % worse than the committed one, beyond
                   the bounds of what was measured
  --json FILE      write all figures there too
  --write          commit the ratios (bench/baseline.json) and generate the page
                   (docs/reference/benchmarks.md); needs a whole run`;

const print = (text) => process.stdout.write(`${text}\n`);
const choice = readChoice();
const planned = plan(choice);
const baseline = choice.check ? readBaseline() : undefined;
if (planned.length === 0) {
  usage(`No cell fits '${choice.only.source}'. The cells:\n  ${cells.map(({ id }) => id).join('\n  ')}`);
}
ready();
install(join(root, 'bench'));

const environment = {
  date: new Date().toISOString().slice(0, 10),
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  cpus: availableParallelism(),
};
print(`Node ${environment.node}, ${environment.platform}, ${environment.cpus} cores.\n${LEGEND}\n`);
const results = await measureAll();
const judged = judge(results);
print(goalsText(judged));
if (choice.json) writeFileSync(choice.json, `${JSON.stringify({ environment, results, goals: judged }, null, 2)}\n`);
if (baseline) check(baseline);
if (choice.write) {
  writeBaseline(environment, results);
  writePage(environment, results, judged);
}

async function measureAll() {
  const server = await startServer();
  const { tell, clear } = progress();
  const found = [];
  try {
    for (const part of planned) {
      const at = `[${found.length + 1}/${planned.length}] ${part.cell.id}`;
      const launches = await measure(part, server.ports, (text) => tell(`${at}: ${text}`));
      clear();
      const result = resultOf(part, launches);
      print(cellText(result));
      found.push(result);
    }
  } finally {
    await server.end();
  }
  return found;
}

function check(committed) {
  const { complaints, compared } = compareWithBaseline(results, committed);
  if (complaints.length === 0) {
    print(`Checked: none of ${compared} ratios is 10 % worse than the one committed on ${committed.date}.`);
    return;
  }
  print(`Worse than the committed ratios (bench/baseline.json, Node ${committed.node}):`);
  for (const complaint of complaints) print(`  ${complaint}`);
  process.exitCode = 1;
}

function readChoice() {
  const options = {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    check: { type: 'boolean' },
    json: { type: 'string' },
    write: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
    if (values.only) values.only = new RegExp(values.only);
  } catch (error) {
    usage(error.message);
  }
  if (values.help) usage();
  if (values.write && (values.quick || values.only)) usage('--write needs a whole run: without --quick and --only.');
  return values;
}

function usage(complaint) {
  process.stderr.write(`${complaint ? `${complaint}\n\n` : ''}${USAGE}\n`);
  process.exit(complaint ? 2 : 0);
}
