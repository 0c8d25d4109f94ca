import axiosRetry, { isIdempotentRequestError } from 'axios-retry';
import type { Adapter, Arm } from './adapter.js';
import { axiosPool } from './axios.js';

/**
 * axios-retry as it comes: it also retries a POST. On Holdline with the condition that Holdline's guide asks for, as no
 * agent can keep a client from sending what surfaced twice.
 */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) =>
    axiosPool(arm, round, (client) => {
      axiosRetry(client, arm === 'bare' ? {} : { retryCondition: isIdempotentRequestError });
    });
};
