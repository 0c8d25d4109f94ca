// What the arms of undici and of the built-in fetch ask of B. Each reads the answer in the cheapest way that its client has,
// for whatever it did besides would make the ratios look better than they are.
import { subscribe } from 'node:diagnostics_channel';
import { dispatcherOf, singleConnection } from './dispatchers.mjs';
import { BODY } from './messages.mjs';

let opened = 0;
subscribe('undici:client:connected', () => opened++);

/** The client of an arm; see clients.mjs. */
export function clientOf(target, settings) {
  const { dispatcher, hangUps } = dispatcherOf(target, settings);
  return through(dispatcher, target, { hangUps });
}

/** A client that opens a connection for each request. */
export function freshClientOf(target) {
  return through(singleConnection(originOf(target)), target, { reset: true });
}

function through(dispatcher, target, { hangUps, reset }) {
  const { client, method } = target;
  const origin = originOf(target);
  const isPost = method === 'POST';
  const headers = isPost ? { 'Content-Type': 'application/json' } : {};
  const body = isPost ? BODY : undefined;
  const sender = ({ path = '/orders/7', lane } = {}) =>
    senders[client](dispatcher, { origin, path, method, headers, body, lane, ...(reset && { reset }) });
  return { sender, opened: () => opened, hangUps };
}

const senders = {
  request: (dispatcher, options) => (done) => {
    dispatcher.request(options, (error, answer) => {
      if (error) return fail(error);
      answer.body.on('end', done).on('error', fail).resume();
    });
  },

  dispatch: (dispatcher, options) => (done) => {
    dispatcher.dispatch(options, new Handler(done));
  },

  fetch: (dispatcher, { origin, path, method, headers, body }) => {
    const url = origin + path;
    const init = { method, headers, body, ...(dispatcher && { dispatcher }) };
    return async (done) => {
      try {
        const response = await fetch(url, init);
        await response.arrayBuffer();
      } catch (error) {
        return fail(error);
      }
      done();
    };
  },
};

/** Waits for the end and does nothing else. */
class Handler {
  #done;

  constructor(done) {
    this.#done = done;
  }

  onRequestStart() {}

  onResponseStart() {}

  onResponseData() {}

  onResponseEnd() {
    this.#done();
  }

  onResponseError(_, error) {
    fail(error);
  }
}

function originOf({ port }) {
  return `http://127.0.0.1:${port}`;
}

/** A bench with failed requests measures nothing; thrown where no client can catch it. */
function fail(error) {
  process.nextTick(() => {
    throw error;
  });
}
