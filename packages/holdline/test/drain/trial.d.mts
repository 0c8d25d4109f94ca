import type { ChildProcess } from 'node:child_process';
import type { DrainOptions, HardenOptions } from '../../src/server/index.js';

interface Job {
  /** One of `ends.mjs`. */
  readonly way: string;
  readonly host: string;
  readonly tls: boolean;
  readonly lanes: number;
  readonly clientIdleMs: number;
  readonly warmUpMs: number;
  readonly hardening: HardenOptions;
  readonly draining: DrainOptions;
}

export const JOB: Pick<Job, 'clientIdleMs' | 'warmUpMs' | 'hardening' | 'draining'>;

export const BOUND_MS: number;

export function trial(
  start: (name: 'a' | 'b') => ChildProcess,
  job: Job,
): Promise<{
  requests: number;
  duringEnd: number;
  lost: { id: string; code: string; reused: boolean }[];
  lagMs: number;
  unexecuted: number;
  tookMs: number;
  report: unknown;
}>;
