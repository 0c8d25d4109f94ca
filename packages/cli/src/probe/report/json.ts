import type { Report } from '../judge/report.js';
import type { Observation } from '../observation.js';

/** A report, and the samples that it was drawn from. */
export interface Judged {
  readonly report: Report;
  readonly observation: Observation;
}

/** Raised when a field changes its meaning or goes away; new fields may come at any time. */
const VERSION = 1;

/** What `--json` prints: see `schemas/probe.schema.json`. Times are in ms, to the microsecond. */
export function json(judged: readonly Judged[]): string {
  const results = judged.map(({ report, observation }) => ({
    ...report,
    addresses: observation.addresses.map((observed, index) => ({ ...observed, ...report.addresses[index] })),
    maxWaitMs: observation.maxWaitMs,
    suspendedMs: observation.suspendedMs,
  }));
  return JSON.stringify({ version: VERSION, results }, rounded, 2);
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(value < 1 ? 6 : 3)) : value;
}
