import { type Agent, request as httpRequest } from 'node:http';
import type { Pool, RoundSettings } from './adapter.js';

/** Sends by `http.request`, through an agent. */
export function nodePool(agent: Agent, { host, port, timeoutMs }: RoundSettings): Pool {
  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        const options = { host, port, agent, method, path, headers: { ...headers, ...length }, timeout: timeoutMs };
        const request = httpRequest(options, (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => (text += chunk))
            .on('error', reject)
            .on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        });
        request.on('timeout', () =>
          request.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { name: 'TimeoutError' })),
        );
        request.on('error', reject);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
