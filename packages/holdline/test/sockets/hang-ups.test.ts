import { EventEmitter } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { HangUpError, isHangUpError } from '../../src/index.js';
import { answer, ask, failureOf, onRequests, patientAgent, type Running, serveRaw } from './support.js';

type Ending = 'fin' | 'reset';

/** Answers the first request on a connection; at the second one it executes and then ends the connection. */
async function executesThenEnds(ending: Ending, times = 1): Promise<Running & { executed: string[] }> {
  const executed: string[] = [];
  let left = times;
  const running = await serveRaw((socket) => {
    let served = 0;
    onRequests(socket, (head, body) => {
      executed.push(`${head.split(' ')[0]} ${body}`);
      served++;
      if (served > 1 && left-- > 0) end(socket, ending);
      else socket.write(answer(body));
    });
  });
  return { ...running, executed };
}

function end(socket: Socket, ending: Ending): void {
  if (ending === 'fin') socket.destroy();
  else socket.resetAndDestroy();
}

for (const ending of ['fin', 'reset'] as const) {
  test(`a GET whose connection ends by ${ending} is answered over a new connection, and the caller notices nothing`, async () => {
    const b = await executesThenEnds(ending);
    const agent = patientAgent(b);
    await ask({ port: b.port, agent });
    const second = await ask({ port: b.port, agent });
    expect(second).toMatchObject({ status: 200, reused: true });
    expect(agent.counts()).toMatchObject({ connects: 2, hangUps: 1, replays: 1, surfaced: 0 });
  });

  test(`a POST that B executed before it ended the connection by ${ending} is never sent again`, async () => {
    const b = await executesThenEnds(ending);
    const agent = patientAgent(b);
    await ask({ port: b.port, agent });
    const error = await failureOf(ask({ port: b.port, agent, method: 'POST' }, 'charge 5'));
    expect(isHangUpError(error)).toBe(true);
    expect(error.hangUp).toMatchObject({
      verdict: 'surface',
      reason: 'no-evidence',
      reused: true,
      requests: 1,
      origin: b.origin,
    });
    expect(b.executed).toEqual(['GET ', 'POST charge 5']);
  });
}

test('a keyed POST is sent again where its origin is declared to honour keys, and not elsewhere', async () => {
  const b = await executesThenEnds('fin', 2);
  const headers = { 'Idempotency-Key': 'k-1' };
  const declared = patientAgent(b, { origins: { [b.origin]: { idempotencyKeys: true } } });
  await ask({ port: b.port, agent: declared });
  const second = await ask({ port: b.port, agent: declared, method: 'POST', headers }, 'keyed');
  expect(second.body).toBe('keyed');

  const undeclared = patientAgent(b);
  await ask({ port: b.port, agent: undeclared });
  const error = await failureOf(ask({ port: b.port, agent: undeclared, method: 'POST', headers }, 'keyed'));
  expect(error.hangUp.reason).toBe('no-evidence');
});

test('a request is sent again once and no more', async () => {
  const executed: string[] = [];
  const b = await serveRaw((socket, index) => {
    onRequests(socket, (head) => {
      executed.push(head);
      if (executed.length === 1) socket.write(answer('first'));
      else socket.destroy();
      expect(index).toBeLessThan(2);
    });
  });
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent }));
  expect(error.hangUp.reason).toBe('already-replayed');
  expect(executed).toHaveLength(3);
});

test('a new connection that hangs up surfaces: idle time is not its cause', async () => {
  const b = await serveRaw((socket) => onRequests(socket, () => socket.destroy()));
  const error = await failureOf(ask({ port: b.port, agent: patientAgent(b) }));
  expect(error.hangUp).toMatchObject({ reason: 'fresh-connection', reused: false, requests: 0 });
});

test('a body above the replay buffer is not sent again, and the error says so', async () => {
  const b = await executesThenEnds('fin');
  const agent = patientAgent(b, { replayBufferBytes: 1_000 });
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent, method: 'PUT' }, 'x'.repeat(2_000)));
  expect(error.hangUp.reason).toBe('not-recorded');
  expect(error.hangUp.fix).toContain('replayBufferBytes');
});

test('a streamed PUT that is cut off in the middle is sent again from its start, and then goes on', async () => {
  const bodies: string[] = [];
  const cut = new EventEmitter();
  const b = await serveRaw((socket, index) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.startsWith('GET')) {
        text = '';
        socket.write(answer('first'));
      } else if (index === 0 && text.includes('one')) {
        socket.destroy();
        cut.emit('done');
      } else if (text.endsWith('0\r\n\r\n')) {
        bodies.push(text.slice(text.indexOf('\r\n\r\n') + 4));
        socket.write(answer('stored'));
      }
    });
  });
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const stored = new Promise<string>((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: b.port, agent, method: 'PUT' }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    request.on('error', reject);
    request.write('one');
    cut.once('done', () => setTimeout(() => request.end('two'), 20));
  });
  expect(await stored).toBe('stored');
  expect(bodies).toEqual(['3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n']);
});

test('a response that breaks off after its first bytes is passed on as it is and never asked for again', async () => {
  let heard = 0;
  const b = await serveRaw((socket) => {
    onRequests(socket, () => {
      heard++;
      if (heard === 1) socket.write(answer('first'));
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    });
  });
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent }));
  expect(error).toMatchObject({ message: 'aborted', code: 'ECONNRESET' });
  expect(heard).toBe(2);
});

test('a 408 on a reused connection is a stale reuse: a GET goes again, a POST gets the 408 as its answer', async () => {
  let connections = 0;
  const b = await serveRaw((socket) => {
    connections++;
    let served = 0;
    onRequests(socket, (_head, body) => {
      served++;
      if (served === 1) socket.write(answer(body));
      else socket.end('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
  });
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  expect((await ask({ port: b.port, agent })).status).toBe(200);
  expect(connections).toBe(2);
  expect((await ask({ port: b.port, agent, method: 'POST' }, 'x')).status).toBe(408);
  expect(connections).toBe(2);
});

test('a 408 that is split anywhere is still seen, and a status that only begins like it is passed on whole', async () => {
  const response = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  for (const [text, status] of [
    [response, 200],
    [response.replace('408', '409'), 409],
  ] as const) {
    const b = await serveRaw((socket, index) => {
      let served = 0;
      onRequests(socket, () => {
        served++;
        if (index > 0 || served === 1) socket.write(answer('ok'));
        else {
          socket.setNoDelay(true);
          socket.write(text.slice(0, 7));
          setTimeout(() => socket.end(text.slice(7)), 10);
        }
      });
    });
    const agent = patientAgent(b);
    await ask({ port: b.port, agent });
    expect((await ask({ port: b.port, agent })).status).toBe(status);
  }
});

test('the error keeps the code and the cause that Node gives, and says nothing of path, header or body', async () => {
  const b = await executesThenEnds('fin');
  const agent = patientAgent(b);
  await ask({ port: b.port, agent });
  const secret = { Authorization: 'Bearer s3cret-token' };
  const error = await failureOf(
    ask({ port: b.port, agent, method: 'POST', path: '/cards?pan=4242', headers: secret }, 'pin=1234'),
  );
  expect(error).toBeInstanceOf(HangUpError);
  expect(error.code).toBe('ECONNRESET');
  expect(error.cause).toMatchObject({ message: 'socket hang up', code: 'ECONNRESET' });
  expect(error.message).toMatch(/^socket hang up: http:\/\/127\.0\.0\.1:\d+ closed/);
  expect(JSON.stringify([error.message, error.hangUp])).not.toMatch(/cards|4242|s3cret|1234|Authorization/);
});

test('with replay: never, and in mode cutoff, a hang-up surfaces even for a GET', async () => {
  for (const options of [{ replay: 'never' }, { mode: 'cutoff' }] as const) {
    const b = await executesThenEnds('fin');
    const agent = patientAgent(b, options);
    await ask({ port: b.port, agent });
    expect((await failureOf(ask({ port: b.port, agent }))).hangUp.reason).toBe('replay-off');
  }
});

test('an exhausted budget surfaces what only a replay at a cost could cure', async () => {
  const b = await executesThenEnds('fin', 100);
  const agent = patientAgent(b, { budget: { ratio: 0, perSecond: 0, burst: 1 } });
  await ask({ port: b.port, agent });
  expect((await ask({ port: b.port, agent })).status).toBe(200);
  expect((await failureOf(ask({ port: b.port, agent }))).hangUp.reason).toBe('budget-empty');
});

test('observe changes nothing that the client sees, and tells what would have been done', async () => {
  const b = await executesThenEnds('fin');
  const agent = patientAgent(b, { mode: 'observe' });
  await ask({ port: b.port, agent });
  const error = await failureOf(ask({ port: b.port, agent }));
  expect(error).toMatchObject({ message: 'socket hang up', code: 'ECONNRESET' });
  expect(isHangUpError(error)).toBe(false);
  expect(agent.counts()).toMatchObject({ hangUps: 1, replays: 0 });
});
