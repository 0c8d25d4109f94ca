import ky, { HTTPError } from 'ky';
import type { Adapter, Arm } from './adapter.js';
import { fetchDispatcher } from './dispatchers.js';

/** ky at its defaults, over the built-in `fetch`: it retries what is idempotent twice. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  const dispatcherFor = await fetchDispatcher(arm);
  return (round) => {
    const dispatcher = dispatcherFor(round);
    const client = ky.create({ dispatcher, timeout: round.timeoutMs } as Parameters<typeof ky.create>[0]);
    return {
      async send({ method, path, headers, body }) {
        try {
          const response = await client(`${round.origin}${path}`, {
            method,
            headers,
            ...(body !== undefined && { body }),
          });
          return { status: response.status, body: await response.text() };
        } catch (error) {
          // It throws for a status that is no success: for the lab that is an answer.
          if (error instanceof HTTPError) return { status: error.response.status };
          throw error;
        }
      },
      close: () => void dispatcher.destroy(),
    };
  };
};
