import { createRequire } from 'node:module';
import type { ServerSpec } from '../roles.js';
import { EVERY_DIRECTIVE } from './node.js';
import { nodeApp, startApp } from './own-app.js';

const require = createRequire(import.meta.url);

function version(): string | undefined {
  try {
    return (require('fastify/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Fastify, which is an optional package of the lab's. */
export const fastify: ServerSpec = {
  id: 'fastify',
  title: 'Fastify',
  obeys: EVERY_DIRECTIVE,
  countsRequests: true,
  lack: async () => (version() === undefined ? { what: 'fastify', remedy: 'npm install fastify' } : undefined),
  start: async (context) => ({
    version: `fastify/${version()}`,
    ...(await startApp(nodeApp('fastify.js'), context)),
  }),
};
