// The clients of the undici ring that must see a mutant too, in a full run: its tests name themselves by them. They run on a
// Node that is new enough for undici 8.
import { fileURLToPath } from 'node:url';
import { tryInstall } from '../../../../scripts/ready.mjs';
import { findNodes } from '../../../../scripts/test/nodes.mjs';

export const FETCH = 'the built-in fetch, connector() in its own Agent';

const NODE = '24';

export const clients = [
  { name: 'undici 7, connector()' },
  { name: 'undici 8, connector()', needsNode: NODE },
  { name: FETCH },
];

/** Outside of the workspaces, so it is installed when it is needed. */
const UNDICI = 'packages/holdline/test/undici';
export const undiciModules = fileURLToPath(new URL('../undici/node_modules', import.meta.url));

/** Installs what the clients need. @returns By which clients a mutant is to be seen, on which Node, and what was skipped. */
export function readyClients(full) {
  const own = { names: new Set(), node: process.execPath, skipped: [] };
  if (!full) return own;
  const failure = tryInstall(fileURLToPath(new URL('../undici/', import.meta.url)));
  if (failure !== undefined) {
    const reason = `npm could not install what it needs: ${failure}`;
    return { ...own, skipped: clients.map(({ name }) => ({ name, reason, remedy: `cd ${UNDICI} && npm ci` })) };
  }
  const [{ path, reason, remedy }] = findNodes([NODE]);
  const unable = clients.filter(({ needsNode }) => needsNode && !path);
  return {
    names: new Set(clients.filter((client) => !unable.includes(client)).map(({ name }) => name)),
    node: path ?? process.execPath,
    skipped: unable.map(({ name }) => ({ name, reason, remedy })),
  };
}
