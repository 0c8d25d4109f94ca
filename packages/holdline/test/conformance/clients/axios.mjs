// axios by each of its adapters.
import { create } from 'axios';
import { digest } from '../payload.mjs';
import { RESPONSE_EVENTS } from './node.mjs';

export function axiosHttp({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const client = create({ httpAgent: agent, httpsAgent: agent, proxy: false, maxBodyLength: Number.POSITIVE_INFINITY });
  return { send: senderOf(client, origin, RESPONSE_EVENTS), close: () => agent.destroy() };
}

export function axiosFetch({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = create({ adapter: 'fetch', fetchOptions: { dispatcher } });
  return { send: senderOf(client, origin), close: () => dispatcher?.destroy() };
}

/** @param events - Of a response that is a stream of Node's. */
function senderOf(client, origin, events) {
  return async ({ method, path, headers, body, timeoutMs, streams }, log, signal) => {
    const response = await client.request({
      url: `${origin}${path}`,
      method,
      headers,
      data: body?.(),
      timeout: timeoutMs,
      signal,
      responseType: streams ? 'stream' : 'arraybuffer',
      validateStatus: () => true,
    });
    log.mark('request', 'response');
    if (streams && events) log.listen('response', response.data, events);
    return { status: response.status, headers: response.headers, body: await digest(response.data) };
  };
}
