// Finds the Nodes that the tests are to run on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install, root } from '../ready.mjs';

/** For each major version: `{ name, path }`, or `{ name, reason, remedy }` where there is none. */
export function findNodes(majors) {
  return majors.map((major) => {
    const own = process.versions.node.split('.')[0] === major;
    const stated = process.env[`HOLDLINE_NODE_${major}`];
    if (stated) return checked(major, stated);
    if (own) return { name: `node ${process.versions.node}`, path: process.execPath };
    if (process.platform === 'linux' && process.arch === 'x64') {
      install(join(root, 'scripts/nodes'));
      return checked(major, installedPath(major));
    }
    return {
      name: `node ${major}`,
      reason: `npm has Node ${major} for Linux on x64 only; this is ${process.platform} on ${process.arch}`,
      remedy: `HOLDLINE_NODE_${major}=/path/to/node npm test -- --nodes ${major}`,
    };
  });
}

/** The path of a Node of this major version that needs no installing: stated, or installed earlier; or nothing. */
export function nodeAtHand(major) {
  return checked(major, process.env[`HOLDLINE_NODE_${major}`] ?? installedPath(major)).path;
}

function installedPath(major) {
  return join(root, `scripts/nodes/node_modules/node-${major}/bin/node`);
}

function checked(major, path) {
  const answer = existsSync(path) ? spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() : undefined;
  if (answer?.startsWith(`v${major}.`)) return { name: `node ${answer.slice(1)}`, path };
  const remedy = `HOLDLINE_NODE_${major}=/path/to/node npm test -- --nodes ${major}`;
  return { name: `node ${major}`, reason: `${path} is ${answer ?? 'not there, or does not run'}`, remedy };
}
