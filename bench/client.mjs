// What an arm asks of B. Callbacks and nothing else, for whatever the client did besides would be in every arm's cost, and
// would make the ratios look better than they are.
import http from 'node:http';
import https from 'node:https';
import { BODY } from './request-body.mjs';

/** What every request of a workload says. */
export function requestOptions({ method, port }) {
  const headers = method === 'POST' ? { 'Content-Type': 'application/json', 'Content-Length': BODY.length } : {};
  return { host: '127.0.0.1', port, path: '/orders/7', method, headers };
}

/** Sends one request. @param done - Is told whether it went on a connection that was used before. */
export function send({ transport }, options, done) {
  const { request: start } = transport === 'https' ? https : http;
  const request = start(options, (response) => {
    response.on('end', () => done(request.reusedSocket));
    response.resume();
  });
  request.on('error', fail);
  request.end(options.method === 'POST' ? BODY : undefined);
}

/** A bench with failed requests measures nothing. */
function fail(error) {
  throw error;
}
