// What the arms of `node:http` and `node:https` ask of B. Callbacks and nothing else, for whatever the client did besides
// would be in every arm's cost, and would make the ratios look better than they are.
import http from 'node:http';
import https from 'node:https';
import { agentOf } from './agents.mjs';
import { BODY } from './messages.mjs';

/** The client of an arm; see clients.mjs. `agent`: what it asks through. */
export function clientOf(target, settings) {
  return through(agentOf(target, settings), target);
}

/** A client that opens a connection for each request. */
export function freshClientOf(target) {
  return through(agentOf({ ...target, arm: 'node' }, { keepAlive: false }), target);
}

function through(agent, { transport, method, port }) {
  const { request: start } = transport === 'https' ? https : http;
  const isPost = method === 'POST';
  const headers = isPost ? { 'Content-Type': 'application/json', 'Content-Length': BODY.length } : {};
  const body = isPost ? BODY : undefined;
  let opened = 0;

  const sender = ({ path = '/orders/7', lane } = {}) => {
    // The lane is the name of its pool.
    if (lane !== undefined) agent.getName = (options) => options.lane;
    const options = { host: '127.0.0.1', port, path, method, headers, agent, lane };
    return (done) => {
      const request = start(options, (response) => {
        response.on('end', () => {
          if (!request.reusedSocket) opened++;
          done();
        });
        response.resume();
      });
      request.on('error', fail);
      request.end(body);
    };
  };
  return { agent, sender, opened: () => opened, hangUps: () => agent.counts().hangUps };
}

/** A bench with failed requests measures nothing. */
function fail(error) {
  throw error;
}
