// node:http and node:https, and a reading of what they tell that other clients share.
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { Digest, payload } from '../payload.mjs';

const REQUEST_EVENTS = [
  'socket',
  'continue',
  'information',
  'response',
  'upgrade',
  'connect',
  'finish',
  'abort',
  'close',
];
export const RESPONSE_EVENTS = ['data', 'end', 'aborted', 'error', 'close'];

export function nodeHttp({ arm, scheme, origin }) {
  const agent = arm.agent(scheme);
  return {
    send: ({ method, path, headers, body, timeoutMs }, log, signal) =>
      new Promise((resolve, reject) => {
        const seen = {};
        const read = new Digest();
        const isConnect = method === 'CONNECT';
        const upgrade = path === '/upgrade' && { connection: 'upgrade', upgrade: 'echo' };
        const options = { agent, method, headers: { ...headers, ...upgrade }, signal, ...(isConnect && { path }) };
        const { request: start } = scheme === 'https' ? https : http;
        const request = start(isConnect ? origin : `${origin}${path}`, options);
        log.listen('request', request, REQUEST_EVENTS);
        request.on('information', ({ statusCode }) => (seen.information = statusCode));
        request.on('response', (response) => {
          log.listen('response', response, RESPONSE_EVENTS);
          Object.assign(seen, { status: response.statusCode, headers: response.rawHeaders, body: read });
          response.on('data', (chunk) => read.add(chunk)).on('error', (error) => (seen.error = error));
          response.on('end', () => (seen.trailers = response.rawTrailers));
        });
        for (const event of ['upgrade', 'connect']) {
          request.on(event, (response, socket, head) => {
            Object.assign(seen, { status: response.statusCode, headers: response.rawHeaders });
            converse(socket, head, log).then((told) => resolve({ ...seen, told }), reject);
          });
        }
        request.on('error', (error) => {
          log.mark('request', 'error');
          seen.error = error;
        });
        request.on('close', () => {
          if (seen.error) reject(Object.assign(seen.error, { seen }));
          else resolve(seen);
        });
        if (timeoutMs) request.setTimeout(timeoutMs, () => request.destroy(new Error(`silent for ${timeoutMs} ms`)));
        const data = body?.();
        if (data instanceof Readable) data.on('error', () => {}).pipe(request);
        else request.end(data);
      }),
    close: () => agent.destroy(),
  };
}

/** Says something over what was upgraded, hears it again, and ends. */
export async function converse(socket, head, log) {
  const read = new Digest();
  const said = payload(1000);
  if (head?.length > 0) read.add(head);
  log.listen('tunnel', socket, ['data', 'end', 'error', 'close']);
  socket.on('data', (chunk) => {
    read.add(chunk);
    if (read.bytes === said.length) socket.end();
  });
  socket.write(said);
  await new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject));
  return read;
}
