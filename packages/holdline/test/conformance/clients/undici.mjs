// Undici 7 and 8, by each of their ways to send, and the built-in fetch.
import { Writable } from 'node:stream';
import { Digest, digest } from '../payload.mjs';
import { converse } from './node.mjs';

const read = async (body, log) => {
  log.listen('response', body, ['data', 'end', 'error', 'close']);
  return digest(body);
};

/** An option for each request of undici's. */
const optionsOf = ({ method, path, headers, body, timeoutMs }, signal) => ({
  method,
  path,
  headers,
  signal,
  ...(body && { body: body() }),
  ...(timeoutMs && { headersTimeout: timeoutMs }),
});

/** undici.request, with upgrade and connect for what asks for these. */
export const request =
  (undici) =>
  ({ arm, origin }) => {
    const dispatcher = arm.dispatcher(undici);
    return {
      async send(wanted, log, signal) {
        const { path: _, ...options } = { ...optionsOf(wanted, signal), dispatcher };
        if (wanted.needs === 'upgrade' || wanted.needs === 'connect') {
          const opening = { ...options, ...(wanted.needs === 'upgrade' && { protocol: 'echo' }) };
          const url = wanted.needs === 'upgrade' ? `${origin}${wanted.path}` : origin;
          const { statusCode, headers, socket } = await undici[wanted.needs](url, opening);
          return { status: statusCode ?? 101, headers, told: await converse(socket, undefined, log) };
        }
        const seen = {};
        const onInfo = ({ statusCode }) => {
          log.mark('request', 'information');
          seen.information = statusCode;
        };
        const answer = await undici.request(`${origin}${wanted.path}`, { ...options, onInfo });
        log.mark('request', 'response');
        const { statusCode: status, headers, trailers, body } = answer;
        return { ...seen, status, headers, trailers, body: await read(body, log) };
      },
      close: () => dispatcher.destroy(),
    };
  };

/** What is given to undici.stream: it is a pool's method here, on a connector. */
export const stream =
  (undici) =>
  ({ arm, origin }) => {
    const pool = arm.pool(undici, origin);
    return {
      async send(wanted, log, signal) {
        const seen = { body: new Digest() };
        const { trailers } = await pool.stream(optionsOf(wanted, signal), ({ statusCode: status, headers }) => {
          log.mark('request', 'response');
          Object.assign(seen, { status, headers });
          return log.listen('response', digesting(seen.body, log), ['finish', 'error', 'close']);
        });
        return { ...seen, trailers };
      },
      close: () => pool.destroy(),
    };
  };

export const pipeline =
  (undici) =>
  ({ arm, origin }) => {
    const pool = arm.pool(undici, origin);
    return {
      async send(wanted, log, signal) {
        const seen = {};
        const { body, ...options } = optionsOf(wanted, signal);
        const duplex = pool.pipeline(options, ({ statusCode: status, headers, body: answer }) => {
          log.mark('request', 'response');
          Object.assign(seen, { status, headers });
          return answer;
        });
        log.listen('duplex', duplex, ['data', 'end', 'error', 'close']);
        if (body?.pipe) body.on('error', () => {}).pipe(duplex);
        else duplex.end(body);
        seen.body = await digest(duplex);
        return seen;
      },
      close: () => pool.destroy(),
    };
  };

function digesting(into, log) {
  return new Writable({
    write(chunk, _encoding, done) {
      log.mark('response', 'data');
      into.add(chunk);
      done();
    },
  });
}

/** The built-in fetch, and what is called as it is. */
export function builtInFetch({ arm, origin }) {
  const dispatcher = arm.forFetch();
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers,
        signal: signalOf(signal, timeoutMs),
        ...(body && { body: body(), duplex: 'half' }),
        ...(dispatcher && { dispatcher }),
      });
      log.mark('request', 'response');
      return answerOf(response, log);
    },
    close: () => dispatcher?.destroy(),
  };
}

/** A bound for clients that have none. Not `AbortSignal.any`: Node 20 may collect its sources, and then it stays silent. */
export function signalOf(signal, timeoutMs) {
  if (!timeoutMs) return signal;
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException(`silent for ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
  return controller.signal;
}

/** What can be seen of a `Response`. */
export async function answerOf(response, log) {
  const { status, statusText, redirected } = response;
  const seen = { status, statusText, redirected, headers: [...response.headers], body: new Digest() };
  for await (const chunk of response.body ?? []) {
    log.mark('response', 'data');
    seen.body.add(chunk);
  }
  log.mark('response', 'end');
  return seen;
}
