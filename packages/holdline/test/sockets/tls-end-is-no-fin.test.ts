import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls, { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { channels, type HangUpEvent, HttpsAgent } from '../../src/index.js';
import { answer, failureOf, listen, onRequests } from './support.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** TLS over a TCP connection that stays open when TLS is ended: a close_notify without a FIN. */
class WithoutFin extends Duplex {
  constructor(private readonly tcp: Socket) {
    super();
    tcp.on('data', (data) => this.push(data));
    tcp.on('error', () => {});
    tcp.on('close', () => this.destroy());
  }
  override _read(): void {}
  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.tcp.write(data, () => done());
  }
  override _final(done: () => void): void {
    done();
  }
}

test('x', async () => {
  const executed: string[] = [];
  const connections: { tcp: Socket; secure: TLSSocket }[] = [];
  const context = tls.createSecureContext({ key: fixture('server.key'), cert: fixture('server.crt') });
  const server = net.createServer((tcp) => {
    const secure = new TLSSocket(new WithoutFin(tcp), { isServer: true, secureContext: context });
    secure.on('error', (e) => console.log('B error', e.message));
    connections.push({ tcp, secure });
    onRequests(secure, (head) => {
      executed.push(head.split(' ')[0] ?? '');
      console.log('B executed', head.split('\r\n')[0]);
      if (head.startsWith('POST')) tcp.resetAndDestroy();
      else secure.write(answer('ok'));
    });
  });
  const b = await listen(server, 'https:');
  const agent = new HttpsAgent({
    ca: fixture('ca.crt'),
    marginMs: 0,
    origins: { [`https://localhost:${b.port}`]: { idleLimitMs: 600_000 } },
  });
  onTestFinished(() => agent.destroy());
  const events: HangUpEvent[] = [];
  const hear = (e: unknown) => void events.push(e as HangUpEvent);
  subscribe(channels.hangUp, hear);
  onTestFinished(() => void unsubscribe(channels.hangUp, hear));
  const request = (method: string) =>
    new Promise<string>((resolve, reject) => {
      const r = https.request({ host: 'localhost', port: b.port, agent, method }, (response) => {
        response.resume().on('end', () => resolve('ok'));
      });
      r.on('error', reject);
      r.end();
    });
  for (let i = 0; i < 8; i++) {
    await request('GET');
    await new Promise((r) => setImmediate(r));
  }
  connections[0]!.secure.end();
  const error = await failureOf(request('POST'));
  console.log(error.message, error.hangUp, events, executed, agent.counts());
});
