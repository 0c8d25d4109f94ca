import ky from 'ky';
import { answerOf } from './undici.mjs';

export function kyClient({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = ky.create({ retry: 0, throwHttpErrors: false, timeout: false, ...(dispatcher && { dispatcher }) });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const options = { method, headers, signal, timeout: timeoutMs ?? false };
      const response = await client(`${origin}${path}`, { ...options, ...(body && { body: body(), duplex: 'half' }) });
      log.mark('request', 'response');
      return answerOf(response, log);
    },
    close: () => dispatcher?.destroy(),
  };
}
