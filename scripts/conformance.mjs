// `npm run conformance`: runs the conformance ring's program on some Nodes, by itself, with the arguments given after `--`.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, ready, root } from './ready.mjs';
import { findNodes } from './test/nodes.mjs';
import { run } from './test/run.mjs';

const FOLDER = join(root, 'packages/holdline/test/conformance');
const LIMIT_MS = 3_600_000;

const { values, tokens } = parseArgs({
  options: { nodes: { type: 'string', default: process.versions.node.split('.')[0] } },
  strict: false,
  tokens: true,
});
const isNodes = (token) => token.kind === 'option' && token.name === 'nodes';
const taken = new Set(
  tokens.filter(isNodes).flatMap(({ index, inlineValue }) => (inlineValue ? [index] : [index, index + 1])),
);
const args = process.argv.slice(2).filter((_, index) => !taken.has(index));

ready();
install(FOLDER);
for (const node of findNodes(values.nodes.split(','))) {
  process.stdout.write(`${node.name}${node.path ? '' : `: ${node.reason}`}\n`);
  const done = node.path
    ? await run(join(FOLDER, 'run.mjs'), args, { node: node.path, limitMs: LIMIT_MS, show: true })
    : { code: 1 };
  if (done.code !== 0) process.exitCode = 1;
}
