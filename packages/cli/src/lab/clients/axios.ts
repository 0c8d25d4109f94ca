import { type AxiosInstance, create, isAxiosError } from 'axios';
import type { Adapter, Arm, Pool, RoundSettings } from './adapter.js';
import { agentOf } from './agents.js';

/** axios with an agent that keeps connections, and else at its defaults. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) => axiosPool(arm, round);
};

/** @param prepare - What a program does to its instance. */
export function axiosPool(arm: Arm, round: RoundSettings, prepare: (client: AxiosInstance) => void = () => {}): Pool {
  const agent = agentOf(arm, round);
  const client = create({
    httpAgent: agent,
    timeout: round.timeoutMs,
    responseType: 'text',
    // The lab reads the body itself, and what is no success is an answer to it.
    transformResponse: (text: unknown) => text,
    proxy: false,
  });
  prepare(client);
  return {
    async send({ method, path, headers, body }) {
      try {
        const response = await client.request<string>({
          url: `${round.origin}${path}`,
          method,
          headers: { ...headers },
          ...(body !== undefined && { data: body }),
        });
        return { status: response.status, body: response.data };
      } catch (error) {
        // It throws for a status that is no success: for the lab that is an answer. One that broke off has a response, too.
        const status = isAxiosError(error) ? error.response?.status : undefined;
        if (status !== undefined && (status < 200 || status >= 300)) return { status };
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}
