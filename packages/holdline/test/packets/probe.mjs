// Measures, on bare sockets, what B really does: after which idle time it closes, and how long a round trip takes.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

const request = 'GET / HTTP/1.1\r\nhost: b\r\n\r\n';

/** `{ rttMs, limitMs, spreadMs }`: the quickest handshake and the median limit of `count` connections; waits until B is up. */
export async function measure(target, count) {
  await untilUp(target);
  const probes = await Promise.all(Array.from({ length: count }, () => probe(target)));
  const limits = probes.map((each) => each.idleMs).sort((a, b) => a - b);
  const rtts = probes.map((each) => each.rttMs).sort((a, b) => a - b);
  const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];
  const spread = [at(limits, 0.1), at(limits, 0.9)].map((ms) => Math.round(ms * 10) / 10);
  return { rttMs: at(rtts, 0), limitMs: at(limits, 0.5), spreadMs: spread };
}

const open = ({ host, port, socketPath }) => net.connect(socketPath ? { path: socketPath } : { host, port });

async function untilUp(target) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await new Promise((resolve) => {
      const socket = open(target);
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await sleep(50);
  }
  throw new Error(
    `B did not accept a connection at ${target.socketPath ?? `${target.host}:${target.port}`} within 10 s`,
  );
}

function probe(target) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const raw = open(target);
    let rttMs = 0;
    let answeredAt = 0;
    raw.once('connect', () => {
      rttMs = performance.now() - begun;
      const socket = target.tls ? tls.connect({ socket: raw, rejectUnauthorized: false }) : raw;
      socket.on('data', () => {
        answeredAt = performance.now();
      });
      const closed = () => {
        if (answeredAt === 0) reject(new Error('B closed a connection before it had answered on it'));
        else resolve({ rttMs, idleMs: performance.now() - answeredAt });
        socket.destroy();
      };
      socket.once('end', closed).once('error', closed);
      socket.write(request);
    });
    raw.once('error', reject);
  });
}
