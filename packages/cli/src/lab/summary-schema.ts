import * as v from 'valibot';
import type { Kind } from './roles.js';
import type { Summary } from './summary.js';

// The form of `summary.json`. The published JSON Schema is generated from it, and that it is the type is checked here.

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const number = v.pipe(v.number(), v.minValue(0));
const counts = v.record(v.string(), whole);
const kinds = ['GET', 'POST', 'keyed POST'] as const satisfies readonly Kind[];
const perKind = v.object({ GET: whole, POST: whole, 'keyed POST': whole });
const quantiles = v.object({ p50: number, p99: number, max: number });
const verdict = v.picklist(['pass', 'fail', 'unknown']);
const lack = v.object({ what: v.string(), remedy: v.string() });
const reuse = v.object({ requests: whole, reused: whole, oracle: whole });

const findings = v.object({
  sent: whole,
  answered: whole,
  hungUp: perKind,
  surfacedNotExecuted: whole,
  surfacedExecuted: whole,
  surfacedBy: counts,
  uncured: whole,
  failedBy: counts,
  silent: whole,
  lost: whole,
  mixedUp: whole,
  twice: perKind,
  crossings: whole,
  replayedBy: counts,
  latencyMs: quantiles,
  curedLatencyMs: v.exactOptional(quantiles),
  connects: whole,
  oracleConnects: whole,
  reuse: v.object(Object.fromEntries(kinds.map((kind) => [kind, reuse])) as Record<Kind, typeof reuse>),
  byIdleTime: v.array(v.object({ fromMs: number, toMs: number, requests: whole, hungUp: whole })),
});

const cell = v.object({
  client: v.string(),
  title: v.string(),
  bareId: v.exactOptional(v.string()),
  verdict,
  decides: v.boolean(),
  reasons: v.array(v.string()),
  skipped: v.exactOptional(lack),
  findings: v.exactOptional(findings),
});

/** It names a folder in the run's: a run from elsewhere must not point out of it. */
const roundId = v.pipe(v.string(), v.regex(/^\w[\w.+-]*$/, 'expected the name of a folder'));

const round = v.object({
  id: roundId,
  server: v.string(),
  fault: v.string(),
  workload: v.string(),
  link: v.object({ kind: v.picklist(['relay', 'packets']), roundTripMs: number }),
  idleLimitMs: v.exactOptional(number),
  told: v.picklist(['nothing', 'hint', 'stated']),
  planned: whole,
  clientLagMs: v.exactOptional(number),
  skipped: v.exactOptional(lack),
  cells: v.array(cell),
});

/** What `summary.json` has to be. */
export const summarySchema = v.object({
  format: v.literal(1),
  verdict,
  suite: v.string(),
  seed: whole,
  commandLine: v.array(v.string()),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  tookMs: whole,
  complete: v.boolean(),
  versions: v.record(v.string(), v.string()),
  machine: v.object({ platform: v.string(), cpus: whole }),
  rounds: v.array(round),
});

type Mutable<Type> = Type extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : Type extends object
    ? { -readonly [Key in keyof Type]: Mutable<Type[Key]> }
    : Type;
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : never) : never;
/** Does not compile where the schema and the type differ. */
const same: Same<v.InferOutput<typeof summarySchema>, Mutable<Summary>> = true;
void same;
