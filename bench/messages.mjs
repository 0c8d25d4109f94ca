// What goes over the wire, both ways.

/** The body of every POST. */
export const BODY = Buffer.alloc(1_024, '{"item":7} ');

const ORDER = JSON.stringify({ id: 7, state: 'shipped', items: [{ sku: 'A-1', count: 2 }] });

/** B's answer to everything. The head is what Node's server says; the idle limit is longer than an arm waits for its turn. */
export const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ORDER.length}\r\n` +
    `Date: Mon, 02 Nov 2026 09:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=120\r\n\r\n${ORDER}`,
);
