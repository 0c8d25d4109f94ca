import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../../clock.js';
import type { Executor } from './executor.js';
import type { AppSettings } from './settings.js';

/** A port that a restarted B has to have again may be somebody's outgoing one for a moment. */
const PORT_WAIT_MS = 3_000;
/** What a deployment waits before it kills; here in small. */
const GRACE_MS = 500;

/** Sets when a server closes idle connections: after so many ms as exactly as this Node allows. */
export function setIdleLimit(server: Server, idleLimitMs: number | undefined): void {
  if (idleLimitMs === undefined) {
    server.keepAliveTimeout = 0;
  } else if ('keepAliveTimeoutBuffer' in server) {
    server.keepAliveTimeoutBuffer = 0;
    server.keepAliveTimeout = idleLimitMs;
  } else {
    // Node 20.20 adds a second that cannot be turned off.
    const [major, minor] = process.versions.node.split('.').map(Number);
    const bufferMs = major === 20 && (minor ?? 0) >= 20 ? 1_000 : 0;
    server.keepAliveTimeout = Math.max(1, idleLimitMs - bufferMs);
  }
}

/** Opens a port for each client, says where they are, and ends as a deployment wants it. */
export async function serve(
  settings: AppSettings,
  executor: Executor,
  serverFor: (client: string) => Server | Promise<Server>,
): Promise<void> {
  const servers: Server[] = [];
  const ports: Record<string, number> = {};
  for (const client of settings.clients) {
    const server = await serverFor(client);
    if (!settings.behindProxy) server.on('connection', () => executor.connected(client));
    servers.push(server);
    ports[client] = await listen(server, settings.ports?.[client] ?? 0, settings.host);
  }
  process.on('SIGTERM', () => void end(servers, executor));
  // The lab is gone.
  process.stdin.resume().once('end', () => process.exit());
  process.stdout.write(`listening ${JSON.stringify(ports)}\n`);
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ port, host, backlog: 4_096 }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || waitedMs >= PORT_WAIT_MS) throw error;
      await sleep(50);
    }
  }
}

/** As most people do it: no new connections, what is under way is answered, and after a while it is over. */
async function end(servers: readonly Server[], executor: Executor): Promise<void> {
  const closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await Promise.race([closed, sleep(GRACE_MS)]);
  await executor.ledger.settled();
  process.exit();
}
