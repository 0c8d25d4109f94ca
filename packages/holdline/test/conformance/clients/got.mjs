import { got } from 'got';
import { digest } from '../payload.mjs';
import { RESPONSE_EVENTS } from './node.mjs';

export function gotClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  // its own retries would hide what happens
  const client = got.extend({ agent: { http: agent, https: agent }, retry: { limit: 0 }, throwHttpErrors: false });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const options = { method, headers, signal, ...(timeoutMs && { timeout: { request: timeoutMs } }) };
      const data = body?.();
      if (!streams && !data?.pipe) {
        const promise = client(`${origin}${path}`, { ...options, responseType: 'buffer', ...(body && { body: data }) });
        log.listen('request', promise, ['request', 'response', 'redirect']);
        const { statusCode: status, rawHeaders, rawBody } = await promise;
        return { status, headers: rawHeaders, body: await digest(rawBody) };
      }
      const seen = {};
      const stream = client.stream(`${origin}${path}`, { ...options, ...(data && { body: data }) });
      log.listen('stream', stream, ['request', 'response', 'redirect', ...RESPONSE_EVENTS]);
      stream.on('response', ({ statusCode, rawHeaders }) =>
        Object.assign(seen, { status: statusCode, headers: rawHeaders }),
      );
      seen.body = await digest(stream);
      return seen;
    },
    close: () => agent.destroy(),
  };
}
