// `npm test`: makes the clone ready, then runs the rings of tests and adds up what they found.
import { parseArgs } from 'node:util';
import { build, install, requireNode } from './ready.mjs';
import { rings } from './test/rings.mjs';
import { Tally } from './test/tally.mjs';

const USAGE = `npm test [-- options] [paths]

  --ring a,b      only these rings: ${Object.keys(rings).join(', ')}
  --nodes 20,22   run the rings that depend on it on these Nodes (default: the one that is running)
  --full          the full counts, on the first of the Nodes, rather than those for a quick answer
  paths           only what belongs to these packages, folders or test files
                  (packages/holdline, packages/holdline/src/line, …): quick, for the loop of writing code

HOLDLINE_TEST_ALLOW_SKIP=0 counts what was skipped as failed. HOLDLINE_NODE_22=/path/to/node states a Node.`;

const print = (line) => process.stdout.write(`${line}\n`);

requireNode();
const choice = readChoice();
print(`Node ${process.versions.node}, ${process.platform} ${process.arch}${choice.full ? ', full counts' : ''}`);
install();
const started = Date.now();
const scope = { ...choice, buildErrors: build() };
if (scope.buildErrors && !choice.rings.includes('types')) {
  print(`The build has errors; what follows runs what could be built.\n${scope.buildErrors}`);
}
const tally = new Tally();
for (const chains of sideBySide(choice.rings)) {
  const plans = chains.map((chain) => chain.flatMap((ring) => rings[ring].steps(scope).map((step) => [ring, step])));
  await Promise.all(
    plans.map(async (plan) => {
      for (const [ring, step] of plan) await runStep(ring, step);
    }),
  );
}
print(`\n${((Date.now() - started) / 1000).toFixed(0)} s in all.`);
process.exitCode = tally.finish({ skipsAllowed: process.env.HOLDLINE_TEST_ALLOW_SKIP !== '0', print });

/** The rings in their order: each with the chain of those that run beside it, one after another. */
function sideBySide(chosen) {
  const isBeside = (ring) => chosen.includes(rings[ring].beside);
  return chosen
    .filter((ring) => !isBeside(ring))
    .map((ring) => [[ring], chosen.filter((other) => rings[other].beside === ring)]);
}

async function runStep(ring, step) {
  const title = ring === step.name ? ring : `${ring} · ${step.name}`;
  if (step.shows) print(`${title} …`);
  const begun = Date.now();
  const result = await step.run();
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  if (result.failed > 0 && result.output && !step.shows) print(`\n${result.output.trimEnd()}\n`);
  const counts = [
    result.passed > 0 && `${result.passed} passed`,
    result.failed > 0 && `${result.failed} FAILED`,
    result.skipped?.length > 0 && `${result.skipped.length} skipped`,
  ].filter(Boolean);
  print(`${title.padEnd(36)} ${counts.join(', ') || 'nothing ran'} (${seconds} s)`);
  tally.add(title, result);
}

function readChoice() {
  const options = {
    ring: { type: 'string', multiple: true },
    nodes: { type: 'string' },
    full: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    usage(error.message);
  }
  if (parsed.values.help) usage();
  const paths = parsed.positionals.map((path) => path.replace(/^\.\//, '').replace(/\/$/, ''));
  const nodes = parsed.values.nodes?.split(',') ?? [process.versions.node.split('.')[0]];
  const unknownNode = nodes.find((node) => !/^\d+$/.test(node));
  if (unknownNode !== undefined) usage(`--nodes takes major versions such as 20,22; it was given '${unknownNode}'.`);
  const named = parsed.values.ring?.flatMap((value) => value.split(','));
  const unknown = named?.find((ring) => !Object.hasOwn(rings, ring));
  if (unknown !== undefined) usage(`There is no ring '${unknown}'.`);
  const all = Object.keys(rings);
  const full = parsed.values.full === true;
  const fitting = all.filter((ring) => {
    const { takes, onlyInFull, onlyWhenNamed } = rings[ring];
    if (onlyWhenNamed || (onlyInFull && !full)) return false;
    return paths.length === 0 || paths.some(takes);
  });
  return {
    paths,
    nodes,
    full,
    rings: all.filter((ring) => (named ?? fitting).includes(ring)),
  };
}

function usage(complaint) {
  process.stderr.write(`${complaint ? `${complaint}\n\n` : ''}${USAGE}\n`);
  process.exit(complaint ? 2 : 0);
}
