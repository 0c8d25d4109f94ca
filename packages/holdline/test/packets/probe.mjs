// Measures, on bare sockets, what B really does: after which idle time it closes, and how long a round trip takes.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

const request = 'GET / HTTP/1.1\r\nhost: b\r\n\r\n';

/** `{ rttMs, limitMs, spreadMs }`: the quickest handshake and the lower quartile of the limits of `count` connections (a
 * busy machine can only make them longer), once B is up. */
export async function measure(target, count) {
  await untilUp(target);
  const probes = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await sleep(index * 3); // apart, so that they do not measure one another
      return probe(target);
    }),
  );
  const limits = probes.map((each) => each.idleMs).sort((a, b) => a - b);
  const at = (share) => limits[Math.floor((limits.length - 1) * share)];
  return { rttMs: Math.min(...probes.map((each) => each.rttMs)), limitMs: at(0.25), spreadMs: [at(0.1), at(0.9)] };
}

/** Up is who answers 200: a proxy may accept connections before the server behind it does. */
async function untilUp(target) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const status = await probe(target, true).then(
      (seen) => seen.status,
      () => undefined,
    );
    if (status === '200') return;
    await sleep(50);
  }
  throw new Error(`B did not answer 200 at ${target.socketPath ?? `${target.host}:${target.port}`} within 10 s`);
}

/** One request on a connection of its own; with `brief`, resolves at the answer and not at B's FIN. */
function probe({ host, port, socketPath, tls: secure }, brief = false) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const raw = net.connect(socketPath ? { path: socketPath } : { host, port });
    let rttMs = 0;
    let answeredAt = 0;
    let status;
    raw.once('error', reject);
    raw.once('connect', () => {
      rttMs = performance.now() - begun;
      const socket = secure ? tls.connect({ socket: raw, rejectUnauthorized: false }) : raw;
      const done = () => {
        if (answeredAt === 0) reject(new Error('B closed a connection before it had answered on it'));
        else resolve({ rttMs, status, idleMs: performance.now() - answeredAt });
        socket.destroy();
      };
      socket.on('data', (chunk) => {
        answeredAt = performance.now();
        status ??= chunk.toString('latin1', 9, 12);
        if (brief) done();
      });
      socket.once('end', done).once('error', done);
      socket.write(request);
    });
  });
}
