import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Agent, channels, type FaultEvent } from '../../src/index.js';
import { ownDial } from '../../src/line/dial.js';
import { Line } from '../../src/line/line.js';
import type { Machine } from '../../src/line/machine.js';
import { nodeMachine } from '../../src/line/node-machine.js';
import { Origins } from '../../src/line/origins.js';
import { answer, ask, failureOf, onRequests, type Running, serveRaw, wait } from './support.js';

function lineTo(b: Running, machine: Machine = nodeMachine) {
  const origins = new Origins({ marginMs: 0, origins: { [b.origin]: { idleLimitMs: 600_000 } } }, machine);
  const line = new Line(origins.at(b.origin), ownDial({ host: '127.0.0.1', port: b.port }));
  const faults: FaultEvent[] = [];
  const note = (event: unknown) => void faults.push(event as FaultEvent);
  subscribe(channels.fault, note);
  onTestFinished(() => {
    unsubscribe(channels.fault, note);
    line.destroy();
  });
  return { line, faults, counts: origins.counts };
}

test('a client that speaks another protocol gets its bytes through, both ways', async () => {
  const b = await serveRaw((socket) => socket.on('data', (data) => socket.write(data)));
  const { line, faults, counts } = lineTo(b);
  line.write('EHLO mail.example\r\n\r\n');
  expect(String((await once(line, 'data'))[0])).toBe('EHLO mail.example\r\n\r\n');
  expect(counts.faults).toBe(1);
  expect(faults[0]?.error.message).toContain('not an HTTP/1 request');
});

test('requests that are written ahead of their answers pass in order, and are not sent again', async () => {
  let heard = 0;
  const b = await serveRaw((socket) => {
    onRequests(socket, () => {
      heard++;
      if (heard < 3) socket.write(answer(`answer ${heard}`));
      else socket.destroy();
    });
  });
  const { line, counts } = lineTo(b);
  line.write('GET /1 HTTP/1.1\r\n\r\n');
  line.write('GET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n');
  let text = '';
  line.on('data', (data) => (text += data)).on('error', () => {});
  await once(line, 'close');
  await wait(50);
  expect(text).toBe(answer('answer 1') + answer('answer 2'));
  expect(heard).toBe(3);
  expect(counts).toMatchObject({ faults: 1, connects: 1, replays: 0 });
});

test("a fault of the Line's own is told, and breaks nothing", async () => {
  const b = await serveRaw((socket) => onRequests(socket, () => socket.write(answer('ok'))));
  const faulty: Machine = {
    ...nodeMachine,
    look() {
      throw new Error('the handle has changed');
    },
  };
  const { line, faults } = lineTo(b, faulty);
  for (let i = 0; i < 2; i++) {
    line.write('POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n'); // a GET is spared the look
    expect(String((await once(line, 'data'))[0])).toBe(answer('ok'));
    await wait(20);
  }
  expect(faults[0]?.error.message).toContain('the handle has changed');
});

test("a user's createConnection that throws when a replay needs it fails that request and not the process", async () => {
  let heard = 0;
  const b = await serveRaw((socket) =>
    onRequests(socket, () => (++heard === 1 ? socket.write(answer('ok')) : socket.destroy())),
  );
  const agent = new Agent({ marginMs: 0, origins: { [b.origin]: { idleLimitMs: 600_000 } } });
  onTestFinished(() => agent.destroy());
  let calls = 0;
  agent.createConnection = ((options: net.NetConnectOpts) => {
    if (++calls > 1) throw new Error('no more sockets');
    return net.connect(options);
  }) as never;
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent }));
  expect(error.hangUp.reason).toBe('replay-connect-failed');
  expect(error.message).toContain('no more sockets');
});

test('a request that waits for its connection goes when it opens, however long the process was kept waiting then', async () => {
  const b = await serveRaw((socket) => onRequests(socket, () => socket.write(answer('ok'))));
  let steps = 0;
  const slow: Machine = {
    ...nodeMachine,
    now() {
      const { monotonicMs, wallMs } = nodeMachine.now();
      steps++;
      return { monotonicMs: monotonicMs + steps * 20, wallMs: wallMs + steps * 20 };
    },
  };
  const { line, counts } = lineTo(b, slow);
  line.write('GET / HTTP/1.1\r\n\r\n');
  expect(String((await once(line, 'data'))[0])).toBe(answer('ok'));
  expect(counts).toMatchObject({ connects: 1, looks: 0 });
});
