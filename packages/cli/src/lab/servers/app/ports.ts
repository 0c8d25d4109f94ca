import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { sleep } from '../../../clock.js';

// What a program that is not ours does not say of its ports: which are free, and when it listens. In a process of its
// own, for B may be in another network namespace. `ports.js free HOST COUNT` or `ports.js await HOST PORT…`.

const LOOK_EVERY_MS = 10;
const GIVE_UP_AFTER_MS = 10_000;

async function free(host: string, count: number): Promise<number[]> {
  // All at once, or the second would be the first again.
  const servers = Array.from({ length: count }, () => createServer().listen(0, host));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}

async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function untilOpen(host: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    for (let waitedMs = 0; !(await isOpen(host, port)); waitedMs += LOOK_EVERY_MS) {
      if (waitedMs >= GIVE_UP_AFTER_MS) throw new Error(`nothing listens on ${host}:${port}`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}

const [, , what, host = '', ...numbers] = process.argv;
if (what === 'free') {
  process.stdout.write(`free ${JSON.stringify(await free(host, Number(numbers[0])))}\n`);
} else {
  await untilOpen(host, numbers.map(Number));
  process.stdout.write('open\n');
}
