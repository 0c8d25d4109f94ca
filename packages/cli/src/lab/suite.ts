import * as v from 'valibot';
import type { Kind } from './roles.js';
import { type WorkloadId, workloads } from './workloads/index.js';

/** A suite: rounds to be run one after the other. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  readonly rounds: readonly RoundSettings[];
}

/** How a round is to be. */
export interface RoundSettings {
  /** Names it in the summary and its folder. */
  readonly id: string;
  readonly server: string;
  readonly fault: string;
  readonly workload: { readonly id: WorkloadId; readonly options: Readonly<Record<string, unknown>> };
  /** The clients' ids; empty for all. */
  readonly clients: readonly string[];
  readonly link: 'any' | 'relay' | 'packets';
  /** Of the link, one way, in ms. */
  readonly delayMs: number;
  readonly callers: number;
  readonly callersPerPool: number;
  readonly durationMs: number;
  readonly maxRequests: number;
  readonly mix: Readonly<Record<Kind, number>>;
  /** In place of the fault's own. */
  readonly idleLimitMs?: number;
  readonly timeoutMs: number;
  readonly told: 'nothing' | 'hint' | 'stated';
  readonly minCrossings: number;
  readonly reuseBound?: number;
}

/** The names that a suite may use, to be told of a wrong one with the right one. */
export interface Names {
  readonly servers: readonly string[];
  readonly faults: readonly string[];
  readonly clients: readonly string[];
}

const count = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const oneOf = (names: readonly string[]) => v.picklist(names);

/** The form of a suite's file. */
export function suiteSchema(names: Names) {
  const server = oneOf(names.servers);
  const fault = oneOf(names.faults);
  const client = oneOf([...names.clients, 'script']);
  const workloadIds = Object.keys(workloads) as WorkloadId[];
  const withOptions = workloadIds.map((id) => v.strictObject({ [id]: workloads[id].options as v.GenericSchema }));
  const settings = eachMayBeLeftOut({
    workload: v.union([oneOf(workloadIds), ...withOptions]),
    clients: v.union([v.picklist(['all', 'bare', 'holdline']), v.array(client)]),
    link: v.picklist(['any', 'relay', 'packets']),
    delayMs: count(0, 10_000),
    callers: count(1, 10_000),
    callersPerPool: count(1, 10_000),
    durationMs: count(100, 24 * 3_600_000),
    maxRequests: count(1, 10_000_000),
    mix: v.pipe(
      v.strictObject({ GET: share, POST: share, 'keyed POST': share }),
      v.check(
        (mix) => Math.abs(mix.GET + mix.POST + mix['keyed POST'] - 1) < 1e-9,
        (issue) => `shares that add up to 1, found ${JSON.stringify(issue.input)}`,
      ),
    ),
    idleLimitMs: count(50, 3_600_000),
    timeoutMs: count(100, 600_000),
    told: v.picklist(['nothing', 'hint', 'stated']),
    minCrossings: count(0, 1_000_000),
    reuseBound: v.pipe(v.number(), v.minValue(1)),
    repeat: count(1, 10_000),
  });
  const round = v.strictObject({
    server: v.union([server, v.array(server)]),
    fault: v.union([fault, v.array(fault)]),
    ...settings,
  });
  return v.strictObject({
    suite: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens')),
    description: v.optional(v.string(), ''),
    defaults: v.optional(v.strictObject(settings), {}),
    rounds: v.pipe(v.array(round), v.minLength(1)),
  });
}

/** Left out, not `undefined`. */
function eachMayBeLeftOut<Entries extends Record<string, v.GenericSchema>>(entries: Entries) {
  const wrapped = Object.entries(entries).map(([name, schema]) => [name, v.exactOptional(schema)]);
  return Object.fromEntries(wrapped) as { [Name in keyof Entries]: v.ExactOptionalSchema<Entries[Name], undefined> };
}

type SuiteFile = v.InferOutput<ReturnType<typeof suiteSchema>>;

/** What a round is where its suite does not say otherwise. */
export const DEFAULTS = {
  workload: 'poisson',
  clients: 'all',
  link: 'any',
  delayMs: 5,
  callers: 16,
  callersPerPool: 1,
  durationMs: 10_000,
  maxRequests: 100_000,
  mix: { GET: 0.4, POST: 0.3, 'keyed POST': 0.3 },
  timeoutMs: 2_000,
  told: 'nothing',
  minCrossings: 0,
  repeat: 1,
} as const;

/** Spells out a suite's file: each server with each fault, as often as asked for, and every setting in its place. */
export function suiteOf(file: SuiteFile): Suite {
  const ids = new Map<string, number>();
  const rounds = file.rounds.flatMap((given) => {
    const { server, fault, repeat, workload, clients, ...rest } = { ...DEFAULTS, ...file.defaults, ...given };
    const chosen = workloadOf(workload);
    return [server].flat().flatMap((oneServer) =>
      [fault].flat().flatMap((oneFault) =>
        Array.from({ length: repeat }, (): RoundSettings => {
          const name = `${oneServer}.${oneFault}.${chosen.id}`;
          const times = (ids.get(name) ?? 0) + 1;
          ids.set(name, times);
          const id = times === 1 ? name : `${name}.${times}`;
          return {
            id,
            server: oneServer,
            fault: oneFault,
            workload: chosen,
            clients: typeof clients === 'string' ? [clients] : clients,
            ...rest,
          };
        }),
      ),
    );
  });
  return { name: file.suite, description: file.description, rounds };
}

function workloadOf(given: NonNullable<SuiteFile['defaults']['workload']>): RoundSettings['workload'] {
  if (typeof given === 'string') return { id: given as WorkloadId, options: {} };
  const [[id = 'poisson', options = {}] = []] = Object.entries(given as Record<string, Record<string, unknown>>);
  return { id: id as WorkloadId, options };
}
