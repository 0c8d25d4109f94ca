// A plain Fastify server: fastify-server.mjs ADDRESS PORT KEEP_ALIVE_MS; 0 leaves the default.
import { createRequire } from 'node:module';

// Installed for the ring that hardens and drains it.
const require = createRequire(new URL('../../../../holdline/test/servers/package.json', import.meta.url));
const [host, port, keepAliveMs] = process.argv.slice(2);
const options = Number(keepAliveMs) > 0 ? { keepAliveTimeout: Number(keepAliveMs) } : {};
const server = require('fastify')(options);
server.get('/', async () => 'ok');
await server.listen({ host, port: Number(port) });
