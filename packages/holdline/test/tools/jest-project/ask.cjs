// A user's code that calls B, at HOLDLINE_B, through Holdline.
const http = require('node:http');
const { setTimeout: realTime } = require('node:timers/promises');
const { Agent } = require('holdline');

const url = process.env.HOLDLINE_B;

exports.realTime = realTime;

exports.agentFor = ({ idleLimitMs = 600_000 } = {}) =>
  new Agent({ marginMs: 0, maxIdleMs: 600_000, origins: { [url]: { idleLimitMs } } });

exports.begin = (agent, path, options) => http.request(new URL(path, url), { agent, ...options });

exports.ask = (agent, path, { body, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const request = exports.begin(agent, path, options);
    request.on('response', (response) => {
      // the agent takes the socket back a moment after the response's end
      response.resume().on('end', () => realTime(1).then(() => resolve({ request, response })));
    });
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.on('error', reject);
    request.end(body);
  });
