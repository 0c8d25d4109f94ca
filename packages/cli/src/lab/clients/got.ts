import { got, HTTPError } from 'got';
import type { Adapter, Arm } from './adapter.js';
import { agentOf } from './agents.js';

/** got with an agent that keeps connections, and else at its defaults: it retries what is idempotent twice. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) => {
    const agent = agentOf(arm, round);
    const client = got.extend({ agent: { http: agent }, timeout: { request: round.timeoutMs } });
    return {
      async send({ method, path, headers, body }) {
        try {
          const response = await client(`${round.origin}${path}`, {
            method,
            headers,
            ...(body !== undefined && { body }),
          });
          return { status: response.statusCode, body: response.body };
        } catch (error) {
          // It throws for a status that is no success: for the lab that is an answer.
          if (error instanceof HTTPError) return { status: error.response.statusCode };
          throw error;
        }
      },
      close: () => agent.destroy(),
    };
  };
};
