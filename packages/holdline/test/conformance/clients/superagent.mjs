import superagent from 'superagent';
import { Digest } from '../payload.mjs';

export function superagentClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  return {
    send: ({ method, path, headers, body, timeoutMs }, log, signal) =>
      new Promise((resolve, reject) => {
        const request = superagent(method, `${origin}${path}`).agent(agent).set(headers);
        request
          .ok(() => true)
          .buffer(true)
          .parse(parse);
        if (timeoutMs) request.timeout({ response: timeoutMs });
        log.listen('request', request, ['request', 'response', 'redirect', 'error', 'abort', 'end']);
        signal.addEventListener('abort', () => {
          request.abort();
          // by design its promise and its callback stay silent then
          setTimeout(reject, 20, new Error('aborted'));
        });
        if (body) request.send(body());
        request.end((error, response) => {
          log.mark('request', 'callback');
          if (error) return reject(error);
          resolve({ status: response.status, headers: response.headers, body: response.body });
        });
      }),
    close: () => agent.destroy(),
  };

  function parse(response, done) {
    const read = new Digest();
    response.on('data', (chunk) => read.add(chunk));
    response.on('end', () => done(null, read));
  }
}
