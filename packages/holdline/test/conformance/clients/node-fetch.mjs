import nodeFetch from 'node-fetch';
import { digest } from '../payload.mjs';
import { RESPONSE_EVENTS } from './node.mjs';
import { signalOf } from './undici.mjs';

export function nodeFetchClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const limited = signalOf(signal, timeoutMs);
      const url = `${origin}${path}`;
      const response = await nodeFetch(url, { method, headers, agent, signal: limited, body: body?.() });
      log.mark('request', 'response');
      if (response.body) log.listen('response', response.body, RESPONSE_EVENTS);
      const { status, statusText, redirected } = response;
      return { status, statusText, redirected, headers: [...response.headers], body: await digest(response.body) };
    },
    close: () => agent.destroy(),
  };
}
