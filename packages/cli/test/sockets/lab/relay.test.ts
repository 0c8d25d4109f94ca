import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endOf } from '../../../src/lab/links/socket-end.js';
import { HOST, RawClient } from './support.js';

test('a FIN and a RST in one turn, as after a stall, close the socket of a relay', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, HOST);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  const [socket] = await accepted;
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  const closed = once(socket, 'close');
  const end = endOf(socket);
  end.end();
  end.resetAndDestroy();
  await closed;
  expect(errors).toEqual([]);
  expect(await client.end()).toBe('fin');
});
