// axios by each of its adapters.
import { create } from 'axios';
import { digest } from '../payload.mjs';
import { RESPONSE_EVENTS } from './node.mjs';

export function axiosHttp({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const client = create({ httpAgent: agent, httpsAgent: agent, proxy: false, validateStatus: () => true });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const response = await client.request({
        url: `${origin}${path}`,
        method,
        headers,
        data: body?.(),
        timeout: timeoutMs,
        signal,
        responseType: streams ? 'stream' : 'arraybuffer',
        maxBodyLength: Number.POSITIVE_INFINITY,
      });
      log.mark('request', 'response');
      if (streams) log.listen('response', response.data, RESPONSE_EVENTS);
      return { status: response.status, headers: response.headers, body: await digest(response.data) };
    },
    close: () => agent.destroy(),
  };
}

export function axiosFetch({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = create({ adapter: 'fetch', validateStatus: () => true, fetchOptions: { dispatcher } });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const response = await client.request({
        url: `${origin}${path}`,
        method,
        headers,
        data: body?.(),
        timeout: timeoutMs,
        signal,
        responseType: streams ? 'stream' : 'arraybuffer',
      });
      log.mark('request', 'response');
      return { status: response.status, headers: response.headers, body: await digest(response.data) };
    },
    close: () => dispatcher?.destroy(),
  };
}
