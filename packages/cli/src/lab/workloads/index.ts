import { aimed } from './aimed.js';
import { bursts } from './bursts.js';
import { periodic } from './periodic.js';
import { poisson } from './poisson.js';
import { recorded } from './recorded.js';
import { steady } from './steady.js';

/** All workloads, by their ids. */
export const workloads = { aimed, bursts, periodic, poisson, recorded, steady } as const;

/** A workload's id. */
export type WorkloadId = keyof typeof workloads;
