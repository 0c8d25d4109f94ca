import { createWriteStream, type WriteStream } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { monotonicMs } from '../clock.js';
import { delayLine } from './delay-line.js';
import type { Packet } from './trace.js';

// A link for machines where packets cannot be delayed: a TCP relay, in a process of its own, that carries bytes and
// FINs late. To each side it is the other side's kernel, so it takes A's bytes even when B has long closed.

/** What the demo tells the relay. */
export type ToRelay =
  | { readonly type: 'carry'; readonly ports: readonly number[]; readonly delayMs: number; readonly tracePath: string }
  | { readonly type: 'stop' };

/** What the relay tells the demo. `ports` stand in the order of the ports that were asked for. */
export type FromRelay = { readonly type: 'carrying'; readonly ports: readonly number[] } | { readonly type: 'stopped' };

const HOST = '127.0.0.1';
let trace: WriteStream | undefined;

/** How far one side of a connection is: what it sent, and what has reached it. FIN counts as a byte, as in TCP. */
interface Side {
  sent: number;
  got: number;
}

interface Carried {
  readonly aPort: number;
  readonly bPort: number;
  readonly delayMs: number;
  /** When A's handshake is over. */
  readonly openMs: number;
}

/** Joins one connection of A to one of B. */
function join(a: Socket, bPort: number, delayMs: number): void {
  const b = connect({ port: bPort, host: HOST, allowHalfOpen: true, noDelay: true });
  // A's handshake with the relay took no time; over a real link it takes a round trip, and only then can A send.
  const link = { aPort: a.remotePort ?? 0, bPort, delayMs, openMs: monotonicMs() + 2 * delayMs };
  const [ofA, ofB]: [Side, Side] = [
    { sent: 0, got: 0 },
    { sent: 0, got: 0 },
  ];
  writeDown(link, { from: 'A', bytes: 0, syn: true, fin: false, reset: false, seq: 0 }, monotonicMs());
  carry('A', a, b, ofA, ofB, link);
  carry('B', b, a, ofB, ofA, link);
}

function writeDown({ aPort, bPort }: Carried, what: Omit<Packet, 'atMs' | 'aPort' | 'bPort'>, atMs: number): void {
  trace?.write(`${JSON.stringify({ atMs, aPort, bPort, ...what } satisfies Packet)}\n`);
}

function carry(name: 'A' | 'B', from: Socket, to: Socket, sender: Side, receiver: Side, link: Carried): void {
  const line = delayLine();
  const send = (what: { bytes?: number; fin?: boolean; reset?: boolean }, arrive: () => void) => {
    const { bytes = 0, fin = false, reset = false } = what;
    const atMs = name === 'A' ? Math.max(monotonicMs(), link.openMs) : monotonicMs();
    writeDown(link, { from: name, bytes, syn: false, fin, reset, seq: sender.sent, ack: sender.got }, atMs);
    const length = bytes + (fin ? 1 : 0);
    sender.sent += length;
    line.put(atMs + link.delayMs, () => {
      receiver.got += length;
      arrive();
    });
  };
  from.on('data', (chunk: Buffer) => send({ bytes: chunk.length }, () => void to.write(chunk)));
  from.on('end', () => send({ fin: true }, () => void to.end()));
  from.on('error', () => send({ reset: true }, () => void to.resetAndDestroy()));
}

async function start(ports: readonly number[], delayMs: number, tracePath: string): Promise<number[]> {
  trace = createWriteStream(tracePath);
  return Promise.all(
    ports.map(async (bPort) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (a) => join(a, bPort, delayMs));
      await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
}

process.on('message', async (message: ToRelay) => {
  if (message.type === 'carry') {
    const ports = await start(message.ports, message.delayMs, message.tracePath);
    process.send?.({ type: 'carrying', ports } satisfies FromRelay);
  } else {
    trace?.end(() => process.send?.({ type: 'stopped' } satisfies FromRelay, () => process.disconnect()));
  }
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {}); // Ctrl-C ends the demo, and the demo ends its processes
