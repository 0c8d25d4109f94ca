import { HttpAgent } from 'agentkeepalive';
import type { Adapter } from './adapter.js';
import { nodePool } from './node-request.js';

/** `http.request` through agentkeepalive at its defaults: it lets go of a connection after 4 s. */
export const adapt = async (): Promise<Adapter> => {
  return (round) => nodePool(new HttpAgent(), round);
};
