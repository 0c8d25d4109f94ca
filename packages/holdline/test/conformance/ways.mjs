// What B can do with a request: `/<way>?size=…`. A way that fails does so on a reused connection only, unless it is asked to
// fail always, so that a request that is sent again is answered.
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { payload, pieces } from './payload.mjs';

const JSON_TYPE = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const PAUSE_MS = 20;
const PIECES = 5;
const PIECE_BYTES = 200;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** An answer with the length known. */
function answer(response, body, headers = {}, status = 200) {
  // a header of our own keeps Node from adding others
  const head = { connection: 'keep-alive', ...JSON_TYPE, 'content-length': body.length, ...headers };
  response.sendDate = false;
  response.writeHead(status, head);
  response.end(body);
}

function plain({ response, asked, execute }) {
  return execute().then(() => answer(response, payload(Number(asked.size ?? 9))));
}

async function startInPieces({ response, execute }, headers = {}) {
  await execute();
  response.sendDate = false;
  response.writeHead(200, { connection: 'keep-alive', ...JSON_TYPE, ...headers });
  const body = payload(PIECES * PIECE_BYTES);
  return Array.from({ length: PIECES }, (_, index) => body.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES));
}

/** Sends the head and the beginning of a body, and no more. */
async function begin(exchange) {
  const [first] = await startInPieces(exchange, { 'content-length': PIECES * PIECE_BYTES });
  exchange.response.write(first);
  await pause();
  // data and a RST that a busy loop finds together look like data and a FIN
  await exchange.heard();
}

function dying(how) {
  return async (exchange) => {
    const { asked, isReused, execute, end } = exchange;
    if (!isReused && !asked.always) return plain(exchange);
    await execute();
    end(how);
  };
}

export const ways = {
  plain,
  /** Tells what arrived. */
  async echo({ request, response, execute }) {
    const body = await execute();
    answer(response, Buffer.from(JSON.stringify({ method: request.method, ...body })));
  },
  async stream({ response, asked, execute }) {
    await execute();
    response.sendDate = false;
    response.writeHead(200, { connection: 'keep-alive', ...JSON_TYPE, 'content-length': asked.size });
    for (const piece of pieces(Number(asked.size))) if (!response.write(piece)) await once(response, 'drain');
    response.end();
  },
  async chunked(exchange) {
    for (const piece of await startInPieces(exchange)) exchange.response.write(piece);
    exchange.response.end();
  },
  async trailers(exchange) {
    const { response } = exchange;
    for (const piece of await startInPieces(exchange, { trailer: 'x-checksum' })) response.write(piece);
    response.addTrailers({ 'x-checksum': 'abc' });
    response.end();
  },
  async slow(exchange) {
    for (const piece of await startInPieces(exchange, { 'content-length': PIECES * PIECE_BYTES })) {
      exchange.response.write(piece);
      await pause();
    }
    exchange.response.end();
  },
  /** The end of the body is the end of the connection. */
  async untilClose(exchange) {
    const { response, end } = exchange;
    response.useChunkedEncodingByDefault = false;
    for (const piece of await startInPieces(exchange, { connection: 'close' })) response.write(piece);
    await pause();
    end('fin');
  },
  async earlyHints(exchange) {
    exchange.response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    await pause();
    return plain(exchange);
  },
  async processing(exchange) {
    exchange.response.writeProcessing();
    await pause();
    return plain(exchange);
  },
  async goOn(exchange) {
    if (exchange.request.headers.expect) exchange.response.writeContinue();
    await ways.echo(exchange);
  },
  async status({ response, asked, execute }) {
    await execute();
    response.sendDate = false;
    response.writeHead(Number(asked.code), {
      connection: 'keep-alive',
      etag: '"v1"',
      'x-elastic-product': 'Elasticsearch',
    });
    response.end();
  },
  /** Refuses a body of which it has read the beginning. */
  tooLarge({ request, execute, end }) {
    execute();
    request.once('data', async () => {
      const body = payload(9);
      const head = 'HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Type: application/json';
      request.socket.write(
        `${head}\r\nX-Elastic-Product: Elasticsearch\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await pause();
      await pause();
      end('fin');
    });
  },
  async gzip({ response, asked, execute }) {
    await execute();
    answer(response, gzipSync(payload(Number(asked.size))), { 'content-encoding': 'gzip' });
  },
  async redirect({ response, asked, execute }) {
    await execute();
    answer(response, Buffer.alloc(0), { location: '/echo' }, Number(asked.code));
  },
  async upgrade({ tunnel, execute, request }) {
    execute();
    if (!tunnel) return;
    const { upgrade } = request.headers;
    tunnel.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`);
    tunnel.pipe(tunnel);
  },
  async tunnel({ tunnel, execute }) {
    execute();
    tunnel.write('HTTP/1.1 200 Connection established\r\n\r\n');
    tunnel.pipe(tunnel);
  },
  /** Takes the request, and is not heard of again. */
  silent: ({ execute }) => execute(),
  /** Answers, and does not go on. */
  async stallDown(exchange) {
    await begin(exchange);
    exchange.tell('answering');
  },
  async cutByFin(exchange) {
    await begin(exchange);
    exchange.end('fin');
  },
  async cutByRst(exchange) {
    await begin(exchange);
    exchange.end('rst');
  },
  fin: dying('fin'),
  rst: dying('rst'),
};
