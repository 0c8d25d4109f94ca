import { once } from 'node:events';
import { connect, type LookupFunction } from 'node:net';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

const LIVE = '127.0.0.1';
const DEAD = '127.0.0.2';

/** Listens, and never accepts: once its queue is full, the kernel drops what comes. */
const SILENT = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage('listening');
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;
const QUEUE = 2;

/** Why this machine has no address on which nobody answers and nothing leaves the machine; `false` where it has. */
export const noDeadAddress = process.platform !== 'linux' && 'only Linux has more than one address for loopback';

/**
 * Names that lead to an address that does not answer, and only then to the live one; but at first only to that.
 *
 * @param port - Of the server at the live address.
 */
export async function deadThenLive(port: number): Promise<{ lookup: LookupFunction; lookups(): number }> {
  const silent = new Worker(SILENT, { eval: true, workerData: { host: DEAD, port } });
  onTestFinished(() => void silent.terminate());
  await once(silent, 'message');
  const queued = Array.from({ length: QUEUE }, () => connect({ host: DEAD, port }).on('error', () => {}));
  onTestFinished(() => {
    for (const socket of queued) socket.destroy();
  });
  await Promise.all(queued.map((socket) => once(socket, 'connect')));
  let lookups = 0;
  const lookup: LookupFunction = (_host, options, done) => {
    const addresses = lookups++ === 0 ? [LIVE] : [DEAD, LIVE];
    if (options.all)
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else done(null, addresses[0] ?? LIVE, 4);
  };
  return { lookup, lookups: () => lookups };
}
