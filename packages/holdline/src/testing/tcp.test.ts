import { describe, expect, it } from 'vitest';
import { TcpEnd } from './tcp.js';

function pair() {
  const client = new TcpEnd();
  const server = new TcpEnd();
  const next = (from: TcpEnd, to: TcpEnd) => {
    const segment = from.wire.shift();
    if (segment) to.arrive(segment);
    return segment?.kind;
  };
  return { client, server, toServer: () => next(client, server), toClient: () => next(server, client) };
}

const REQUEST = Buffer.from('request');

describe('a TCP connection in memory', () => {
  it('hands over nothing before it is told to, and then in order', () => {
    const { client, server, toServer } = pair();
    client.send(Buffer.from('a'));
    client.send(Buffer.from('b'));
    expect(server.peek()).toBe('nothing');
    toServer();
    expect(String(server.peek())).toBe('a');
    toServer();
    expect(String(server.read())).toBe('ab');
    expect(server.read()).toBe('nothing');
  });

  it('keeps bytes in the send queue until their acknowledgement has arrived', () => {
    const { client, toServer, toClient } = pair();
    client.send(REQUEST);
    toServer();
    expect(client.unacknowledgedBytes).toBe(REQUEST.length);
    expect(toClient()).toBe('ack');
    expect(client.unacknowledgedBytes).toBe(0);
  });

  it('a FIN that was sent before the request came leaves the queue whole, and a closed server answers with a RST', () => {
    const { client, server, toServer, toClient } = pair();
    client.send(REQUEST);
    server.close();
    expect(toClient()).toBe('fin');
    expect(client.finReceived).toBe(true);
    expect(client.unacknowledgedBytes).toBe(REQUEST.length);
    while (toServer());
    expect(toClient()).toBe('rst');
    expect(client.wasReset).toBe(true);
    expect(client.unacknowledgedBytes).toBe(0);
    expect(client.read()).toBe('end');
  });

  it('a FIN that was sent after the request came acknowledges it', () => {
    const { client, server, toServer, toClient } = pair();
    client.send(REQUEST);
    toServer();
    server.read();
    server.close();
    while (toClient());
    expect(client.finReceived).toBe(true);
    expect(client.unacknowledgedBytes).toBe(0);
  });

  it('a half-closed server accepts what comes', () => {
    const { client, server, toServer } = pair();
    server.shutdown();
    client.send(REQUEST);
    toServer();
    expect(server.peek()).toEqual(REQUEST);
  });

  it('a server that closes with bytes unread sends a RST and no FIN', () => {
    const { client, server, toServer, toClient } = pair();
    client.send(REQUEST);
    toServer();
    server.close();
    expect([toClient(), toClient(), toClient()]).toEqual(['ack', 'rst', undefined]);
    expect(client.finReceived).toBe(false);
    expect(client.read()).toBe('reset');
  });

  it('what arrived before a RST can be read', () => {
    const { client, server, toClient } = pair();
    server.send(Buffer.from('answer'));
    server.reset();
    while (toClient());
    expect(String(client.read())).toBe('answer');
    expect(client.read()).toBe('reset');
  });
});
