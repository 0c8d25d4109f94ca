import OpenAI from 'openai';
import { answerOf, signalOf } from './undici.mjs';

export function openai({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: origin,
    maxRetries: 0,
    ...(dispatcher && { fetchOptions: { dispatcher } }),
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const options = { headers, signal: signalOf(signal, timeoutMs), ...(body && { body: body() }) };
      const response = await client.request({ method: method.toLowerCase(), path, ...options }).asResponse();
      log.mark('request', 'response');
      return answerOf(response, log);
    },
    close: () => dispatcher?.destroy(),
  };
}
