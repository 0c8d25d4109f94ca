// Service A: sends orders to B over connections that it keeps.
import http from 'node:http';
import { Agent } from 'holdline';
import { IDLE_LIMIT_MS, REQUEST_TIMEOUT_MS } from './timeouts.js';

/** The agent for B at an origin such as `http://b:3000`. */
export function agentFor(origin) {
  return new Agent({ origins: { [origin]: { idleLimitMs: IDLE_LIMIT_MS } } });
}

/** One order; resolves with B's answer, or rejects with what went wrong. */
export function order(origin, agent, item) {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', timeout: REQUEST_TIMEOUT_MS };
    const request = http.request(`${origin}/orders`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`B has not answered within ${REQUEST_TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.end(JSON.stringify({ item }));
  });
}
