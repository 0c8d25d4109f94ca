import type { Adapter, Arm } from './adapter.js';
import { fetchDispatcher } from './dispatchers.js';

/** The built-in `fetch`. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  const dispatcherFor = await fetchDispatcher(arm);
  return (round) => {
    const dispatcher = dispatcherFor(round);
    return {
      async send({ method, path, headers, body }) {
        const response = await fetch(`${round.origin}${path}`, {
          dispatcher,
          method,
          headers,
          signal: AbortSignal.timeout(round.timeoutMs),
          ...(body !== undefined && { body }),
        } as RequestInit);
        return { status: response.status, body: await response.text() };
      },
      close: () => void dispatcher.destroy(),
    };
  };
};
