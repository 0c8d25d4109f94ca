import type { Adapter, Arm } from './adapter.js';
import { agentOf } from './agents.js';
import { nodePool } from './node-request.js';

/** `http.request` through `new http.Agent({ keepAlive: true })`, or Holdline's `Agent`. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) => nodePool(agentOf(arm, round), round);
};
