import type { ChildProcess } from 'node:child_process';

interface Job {
  /** One of `ends.mjs`. */
  readonly way: string;
  readonly host: string;
  readonly tls: boolean;
  readonly lanes: number;
  readonly keepAliveTimeoutMs: number;
  readonly clientIdleMs: number;
  readonly warmUpMs: number;
}

export const JOB: Pick<Job, 'keepAliveTimeoutMs' | 'clientIdleMs' | 'warmUpMs'>;

export function trial(
  start: (name: 'a' | 'b') => ChildProcess,
  job: Job,
): Promise<{
  requests: number;
  duringEnd: number;
  lost: { id: string; code: string; reused: boolean }[];
  unexecuted: number;
  tookMs: number;
  report: unknown;
}>;
