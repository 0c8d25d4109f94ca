import { connector } from 'holdline/undici';
import * as undici from 'undici';
import { type Adapter, type Arm, holdlineOptions } from './adapter.js';
import { undiciPool } from './undici-request.js';

/** undici's `RetryAgent` at its defaults, over an `Agent` that connects as undici does, or by Holdline's `connector()`. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) => {
    const agent =
      arm === 'bare' ? new undici.Agent() : new undici.Agent({ connect: connector(holdlineOptions(round)) });
    return undiciPool(undici, new undici.RetryAgent(agent), round);
  };
};
