import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Both ends of a TCP connection over loopback. */
export interface Pair {
  /** It does not read, so that what comes waits in the kernel; its side stays open when the peer ends. */
  readonly client: Socket;
  readonly peer: Socket;
}

/** Connects two sockets over loopback; they are destroyed when the test ends. */
export async function connectedPair(host = '127.0.0.1'): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ host, port, allowHalfOpen: true });
  client.pause();
  await once(client, 'connect');
  const [peer] = await accepted;
  for (const socket of [client, peer]) socket.on('error', () => {});
  server.close();
  onTestFinished(() => {
    client.destroy();
    peer.destroy();
  });
  return { client, peer };
}

/** The peer's FIN is on its way: it has been handed to the kernel. */
export async function sendFin(peer: Socket): Promise<void> {
  await new Promise<void>((done) => peer.end(done));
}

/** The peer's RST is on its way. */
export async function sendReset(peer: Socket): Promise<void> {
  const closed = once(peer, 'close');
  peer.resetAndDestroy();
  await closed;
}

/** Turns the event loop until something holds; the test's own timeout bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
