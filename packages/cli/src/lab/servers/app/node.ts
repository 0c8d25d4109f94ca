import { createServer } from 'node:http';
import { openExecutor } from './executor.js';
import { serve, setIdleLimit } from './serving.js';
import { readSettings } from './settings.js';

// B as a plain Node HTTP server, in a process of its own.

const settings = readSettings();
const executor = openExecutor(settings);
await serve(settings, executor, (client) => {
  const server = createServer((request, response) => executor.handle(client, request, response));
  setIdleLimit(server, settings.idleLimitMs);
  return server;
});
