import { dispatcher } from 'holdline/undici';
import * as undici from 'undici';
import { type Adapter, type Arm, holdlineOptions } from './adapter.js';
import { undiciPool } from './undici-request.js';

/** undici's `Agent` at its defaults, or Holdline's `dispatcher()`. */
export const adapt = async (arm: Arm): Promise<Adapter> => {
  return (round) => {
    const agent = arm === 'bare' ? new undici.Agent() : dispatcher(holdlineOptions(round), undici);
    return undiciPool(undici, agent, round);
  };
};
