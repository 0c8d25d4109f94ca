import type * as Undici from 'undici';
import type { Pool, RoundSettings } from './adapter.js';

/** Sends by `undici.request`, through a dispatcher. */
export function undiciPool(
  undici: typeof Undici,
  dispatcher: Undici.Dispatcher,
  { origin, timeoutMs }: RoundSettings,
): Pool {
  return {
    async send({ method, path, headers, body }) {
      const answer = await undici.request(`${origin}${path}`, {
        dispatcher,
        method,
        headers,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(body !== undefined && { body }),
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    },
    close: () => void dispatcher.destroy(),
  };
}
