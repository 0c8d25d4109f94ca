// The clients of the undici ring that must see a mutant too: its tests name themselves by them. A quick run asks one of
// them, and a full one all, on a Node that is new enough for undici 8.
import { fileURLToPath } from 'node:url';
import { tryInstall } from '../../../../scripts/ready.mjs';
import { findNodes } from '../../../../scripts/test/nodes.mjs';

export const FETCH = 'the built-in fetch, connector() in its own Agent';

export const clients = [
  { name: 'undici 7, connector()' },
  { name: 'undici 8, connector()', onlyInFull: true, needsNode: '24' },
  { name: FETCH, onlyInFull: true },
];

/** Outside of the workspaces, so it is installed when it is needed. */
const UNDICI = 'packages/holdline/test/undici';
export const undiciModules = fileURLToPath(new URL('../undici/node_modules', import.meta.url));

/** Installs what the clients need. @returns By which clients a mutant is to be seen, on which Node, and what was skipped. */
export function readyClients(full) {
  const asked = clients.filter(({ onlyInFull }) => full || !onlyInFull);
  const folder = fileURLToPath(new URL('../undici/', import.meta.url));
  const failure = tryInstall(folder);
  if (failure !== undefined) {
    const reason = `npm could not install what it needs: ${failure}`;
    const skipped = asked.map(({ name }) => ({ name, reason, remedy: `cd ${UNDICI} && npm ci` }));
    return { names: new Set(), node: process.execPath, skipped };
  }
  const needed = asked.find(({ needsNode }) => needsNode)?.needsNode;
  const [node] = needed ? findNodes([needed]) : [{ path: process.execPath }];
  const able = asked.filter(({ needsNode }) => !needsNode || node.path);
  const unable = asked.filter((client) => !able.includes(client));
  return {
    names: new Set(able.map(({ name }) => name)),
    node: node.path ?? process.execPath,
    skipped: unable.map(({ name }) => ({ name, reason: node.reason, remedy: node.remedy })),
  };
}
