// The rings of tests, in the order in which they run: the quick and telling ones first. A ring gives its steps; a step
// has a name and runs to a result (see tally.mjs).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, tryInstall } from '../ready.mjs';
import { findNodes, nodeAtHand } from './nodes.mjs';
import { commandOf, run, runForResult } from './run.mjs';

const MINUTE = 60_000;

/**
 * `scope`: `{ paths, nodes, full, buildErrors }`. Paths narrow a ring to some packages, folders or test files;
 * `takes` says which of them a ring has anything to do with. `onlyInFull`: run with `--full`, or when it is named;
 * `onlyWhenNamed`: not with `--full` either. `beside`: the ring beside which it runs, for the tests of both mostly wait.
 */
export const rings = {
  lint: {
    takes: (path) => !isTestFile(path),
    steps: ({ paths }) => [
      command('biome', '@biomejs/biome', ['check', '--max-diagnostics=20', ...orAll(paths)], 'biome', 'npm run format'),
      command('oxlint', 'oxlint', ['--deny-warnings', ...orAll(paths)]),
      // What is not used is known only of the whole.
      ...(paths.length === 0 ? [command('knip', 'knip', ['--no-config-hints'])] : []),
    ],
  },
  types: {
    takes: (path) => !isTestFile(path),
    steps: ({ buildErrors }) => [
      { name: 'sources', run: async () => verdict(buildErrors === undefined, 'tsc -b', buildErrors) },
      { name: 'tests', run: () => checkTests(buildErrors) },
    ],
  },
  architecture: {
    takes: (path) =>
      /^packages\/holdline(\/(package\.json|src\b.*|test\/architecture\b.*)?)?$/.test(path) && !isUnitTest(path),
    steps: () => [vitest('architecture', [])],
  },
  package: {
    takes: () => false,
    steps: () => [
      command('publint holdline', 'publint', ['run', 'packages/holdline', '--strict']),
      command('publint @holdline/cli', 'publint', ['run', 'packages/cli', '--strict']),
      command('types resolve', '@arethetypeswrong/cli', ['--pack', 'packages/holdline', '--no-color'], 'attw'),
      command('types resolve @holdline/cli', '@arethetypeswrong/cli', [...ATTW_ESM, '--pack', 'packages/cli'], 'attw'),
      { name: 'packed install', run: () => runForResult('scripts/test/packed.mjs', [], { limitMs: 3 * MINUTE }) },
    ],
  },
  unit: {
    takes: (path) => (!path.includes('/test') && !isExample(path)) || path.includes('/test/model'),
    steps: (scope) => onNodes(scope, (options) => vitest('unit', scope.paths, options)),
  },
  sockets: {
    takes: (path) => path.startsWith('packages/holdline/test/sockets'),
    steps: (scope) => onNodes(scope, (options) => vitest('sockets', scope.paths, options)),
  },
  clients: {
    beside: 'sockets',
    takes: (path) => path.includes('/test/clients') || isExample(path),
    steps: clientSteps,
  },
  cli: {
    takes: (path) => path.startsWith('packages/cli/test/sockets'),
    // The lab starts B on other Nodes, too.
    steps: (scope) => onNodes(scope, (options) => vitest('cli', scope.paths, { ...options, env: nodesAtHand() })),
  },
  undici: {
    beside: 'cli',
    takes: (path) => path.includes('/test/undici'),
    steps: undiciSteps,
  },
  conformance: {
    takes: (path) => path.includes('/test/conformance'),
    steps: (scope) =>
      installing('conformance', [CONFORMANCE], () =>
        onNodes(scope, ({ node, full }) => program(node.name, `${CONFORMANCE}/run.mjs`, full, node.path)),
      ),
  },
  servers: {
    beside: 'cli',
    takes: (path) => path.includes('/test/servers'),
    steps: (scope) =>
      installing('servers', [SERVERS, `${SERVERS}/next`], () => [
        script('types', commandOf('typescript', 'tsc'), ['-b', '--pretty', 'false', SERVERS]),
        ...onNodes(scope, (options) => vitest('servers', scope.paths, options)),
      ]),
  },
  tools: {
    takes: (path) => path.includes('/test/tools'),
    steps: (scope) =>
      installing('tools', [TOOLS], () => onNodes(scope, (options) => vitest('tools', scope.paths, options))),
  },
  'node-tests': {
    takes: (path) => path.includes('/test/node-tests'),
    // Six to ten minutes for each Node, and its tests are got from elsewhere.
    onlyWhenNamed: true,
    steps: ({ nodes }) => nodes.map(nodeTests),
  },
  mutants: {
    takes: (path) => path.includes('/test/mutants'),
    // It tests the tests, for a minute and more: CI runs it, and who asks for it.
    onlyInFull: true,
    steps: ({ full }) => [program('mutants', 'packages/holdline/test/mutants/run.mjs', full)],
  },
  packets: {
    takes: (path) => path.includes('/test/packets'),
    steps: ({ full }) => [program('packets', 'packages/holdline/test/packets/run.mjs', full)],
  },
  drain: {
    takes: (path) => path.includes('/test/drain'),
    steps: ({ full }) => [program('drain', 'packages/holdline/test/drain/run.mjs', full)],
  },
  probe: {
    takes: (path) => path.includes('/test/probe'),
    steps: ({ full }) =>
      installing('probe', [SERVERS], () => [program('probe', 'packages/cli/test/probe/run.mjs', full)]),
  },
  demo: {
    takes: (path) => /^packages\/cli\/?$/.test(path),
    steps: () => [{ name: 'demo', run: demo }],
  },
  bench: {
    takes: (path) => path === 'bench',
    // It wants the machine for itself, and what it measures seldom changes: CI runs it, and who asks for it.
    onlyInFull: true,
    steps: () => [script('bench', 'bench/run.mjs', ['--quick', '--check'])],
  },
};

const TEST_PROJECTS = ['packages/holdline/tsconfig.test.json', 'packages/cli/tsconfig.test.json'];
const ATTW_ESM = ['--profile', 'esm-only', '--no-color'];
const CLIENTS = 'packages/holdline/test/clients';
const SERVERS = 'packages/holdline/test/servers';
const TOOLS = 'packages/holdline/test/tools';
const UNDICI = 'packages/holdline/test/undici';
const CONFORMANCE = 'packages/holdline/test/conformance';

function nodesAtHand() {
  const paths = ['20', '22', '24', '26'].map((major) => [`HOLDLINE_NODE_${major}`, nodeAtHand(major)]);
  return Object.fromEntries(paths.filter(([, path]) => path !== undefined));
}

function clientSteps(scope) {
  const examples = readdirSync(join(root, 'examples')).map((name) => join('examples', name));
  return installing('clients', [CLIENTS, ...examples], () => {
    const node24 = nodeAtHand('24');
    const files = scope.paths.map((path) => (isExample(path) ? `${CLIENTS}/examples` : path));
    const env = node24 && { HOLDLINE_NODE_24: node24 };
    return [
      script('types', commandOf('typescript', 'tsc'), ['-b', '--pretty', 'false', CLIENTS]),
      ...onNodes(scope, (options) => vitest('clients', files, { ...options, env })),
    ];
  });
}

function undiciSteps(scope) {
  return installing('undici', [UNDICI], () => [
    script('types', commandOf('typescript', 'tsc'), ['-b', '--pretty', 'false', UNDICI]),
    ...onNodes(scope, (options) => vitest('undici', scope.paths, options)),
  ]);
}

/** Steps whose packages are installed when they run: what they test with is no part of what a fresh clone needs. */
function installing(ring, folders, steps) {
  for (const folder of folders.filter((each) => existsSync(join(root, each, 'package-lock.json')))) {
    const failure = tryInstall(join(root, folder));
    const remedy = `cd ${folder} && npm ci`;
    if (failure !== undefined)
      return [skip(ring, { reason: `npm could not install what it needs: ${failure}`, remedy })];
  }
  return steps();
}

function isExample(path) {
  return /^examples(\/|$)/.test(path);
}

function isTestFile(path) {
  return isUnitTest(path) || path.includes('/test/');
}

function isUnitTest(path) {
  return path.endsWith('.test.ts');
}

function orAll(paths) {
  return paths.length > 0 ? paths : ['.'];
}

function command(name, packageName, args, bin, remedy) {
  return script(name, commandOf(packageName, bin), args, remedy);
}

function script(name, path, args = [], remedy = undefined) {
  return {
    name,
    run: async () => {
      const done = await run(path, args, { limitMs: 3 * MINUTE });
      return verdict(done.code === 0, remedy ? `${name} (${remedy} mends most of it)` : name, done.output);
    },
  };
}

async function checkTests(buildErrors = '') {
  const done = await run(commandOf('typescript', 'tsc'), ['-b', '--pretty', 'false', ...TEST_PROJECTS]);
  // It builds the sources first, so it tells their errors too: those have been printed.
  const known = new Set(buildErrors.split('\n'));
  const output = done.output.split('\n').filter((line) => !known.has(line));
  return verdict(done.code === 0, 'tests', output.join('\n') || 'No errors but those of the sources.');
}

function verdict(ok, name, output) {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, failures: [name], output };
}

function skip(name, { reason, remedy }) {
  return { name, run: async () => ({ passed: 0, failed: 0, skipped: [{ name, reason, remedy }] }) };
}

/** The full counts are taken on the first Node; what is long in them hardly depends on it. */
function onNodes({ nodes, full }, step) {
  return findNodes(nodes).map((node, index) =>
    node.path ? step({ node, full: full && index === 0 }) : skip(node.name, node),
  );
}

function vitest(project, paths, { node, full, env } = {}) {
  const args = ['run', '--project', project, '--reporter=dot', '--reporter=./scripts/test/vitest-reporter.mjs'];
  return {
    name: node?.name ?? project,
    run: () =>
      runForResult(commandOf('vitest'), [...args, ...paths], {
        ...(node && { node: node.path }),
        env: { ...fullness(full), ...env },
        limitMs: (full ? 60 : 8) * MINUTE,
      }),
  };
}

/**
 * A ring that is a program of its own, for it needs more than a test runner gives. It shows its progress, and it tells
 * what this machine does not let it run, cell by cell.
 */
function program(name, path, full, node) {
  return {
    name,
    shows: true,
    run: async () => {
      if (!existsSync(join(root, path))) return { passed: 0, failed: 1, failures: [`${path} is not there`] };
      return runForResult(path, [], { node, env: fullness(full), limitMs: (full ? 300 : 8) * MINUTE, show: true });
    },
  };
}

/** Node's own tests. Where they cannot be had, or this Node cannot, the runner skips them and tells why. */
function nodeTests(major) {
  const path = 'packages/holdline/test/node-tests/run.mjs';
  const options = { limitMs: 30 * MINUTE, show: true };
  return { name: `node ${major}`, shows: true, run: () => runForResult(path, ['--nodes', major], options) };
}

function fullness(full) {
  return { HOLDLINE_TEST_FULL: full ? '1' : '' };
}

/** The incident, quickly: it judges itself, and gives one object on stdout. */
async function demo() {
  const done = await run('packages/cli/dist/main.js', ['demo', '--fast', '--json'], { limitMs: 2 * MINUTE });
  if (done.code !== 0) return verdict(false, `holdline demo --fast --json ended with ${done.code}`, done.output);
  try {
    JSON.parse(done.stdout);
    return verdict(true);
  } catch (error) {
    return verdict(false, `holdline demo --json: ${error.message}`, done.output);
  }
}
