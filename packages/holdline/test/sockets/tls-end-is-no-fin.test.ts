import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls, { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type HangUp, HttpsAgent, isHangUpError } from '../../src/index.js';
import { answer, listen, onRequests } from './support.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** B's TCP connection under TLS. It stays open when TLS is ended, so that a close_notify goes without a FIN. */
class WithoutFin extends Duplex {
  constructor(private readonly tcp: Socket) {
    super();
    tcp.on('data', (data: Buffer) => this.push(data));
    tcp.on('error', () => {});
    tcp.on('close', () => this.destroy());
  }

  override _read(): void {}

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.tcp.write(data, () => done());
    this.emit('written');
  }

  override _final(done: () => void): void {
    done();
  }
}

/**
 * B ends TLS and reads on: it executes what comes then, and dies. The kernel has not acknowledged the request when A
 * sees the end, for it delays that; only the state of the connection shows that no FIN came.
 */
test('B ends TLS, executes the POST that was on its way, and resets: the POST is never sent again', async () => {
  const executed: string[] = [];
  const wires: WithoutFin[] = [];
  const secured: TLSSocket[] = [];
  const secureContext = tls.createSecureContext({ key: fixture('server.key'), cert: fixture('server.crt') });
  const server = net.createServer((tcp) => {
    tcp.setNoDelay(true);
    const wire = new WithoutFin(tcp);
    const secure = new TLSSocket(wire, { isServer: true, secureContext });
    secure.on('error', () => {});
    wires.unshift(wire);
    secured.unshift(secure);
    onRequests(secure, (head) => {
      const [method = '', id = ''] = head.split(' ');
      if (method === 'POST') {
        executed.push(id);
        tcp.resetAndDestroy();
      } else setTimeout(() => secure.write(answer('ok')), 15); // so that A waits as long for a RST
    });
  });
  const b = await listen(server, 'https:');
  const origins = { [`https://localhost:${b.port}`]: { idleLimitMs: 600_000 } };
  const agent = new HttpsAgent({ ca: fixture('ca.crt'), marginMs: 0, origins });
  onTestFinished(() => agent.destroy());
  const send = async (method: string, path: string) => {
    const request = https.request({ host: 'localhost', port: b.port, agent, method, path }).end();
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    await once(response.resume(), 'end');
    await new Promise((resolve) => setImmediate(resolve));
  };

  const hangUps: HangUp[] = [];
  for (let trial = 0; trial < 60 && Math.min(hangUps.length, executed.length) < 5; trial++) {
    for (let i = 0; i < 4; i++) await send('GET', '/');
    const outcome = new Promise<unknown>((resolve) => {
      wires[0]?.once('written', () => send('POST', `/${trial}`).catch(resolve));
    });
    secured[0]?.end();
    const error = await outcome;
    // on a slow machine A may have seen the close_notify before it wrote
    if (isHangUpError(error) && error.hangUp.reused) hangUps.push(error.hangUp);
  }
  expect(executed, 'executed twice').toEqual([...new Set(executed)]);
  expect(Math.min(hangUps.length, executed.length)).toBeGreaterThanOrEqual(5);
  expect(new Set(hangUps.map(({ reason }) => reason))).toEqual(new Set(['no-evidence']));
});
