import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { bareEnvironment } from '../sockets/support.js';
import { type B, type Entry, fixtures, startB } from './support/b.js';
import { problemsIn } from './support/judge.js';
import type { Kind, Outcome } from './support/run.js';

/** Stated by `npm run soak`, which runs for ten minutes. */
const STATED = process.env['HOLDLINE_SOAK_S'];
const SECONDS = Number(STATED ?? (process.env['HOLDLINE_TEST_FULL'] === '1' ? 60 : 8));
const RESTART_EVERY_MS = 500;

interface Sample {
  readonly heapUsed: number;
  readonly timers: number;
  readonly descriptors: number;
}

type Told =
  | { readonly sample: Sample }
  | {
      readonly id: string;
      readonly kind: Kind;
      readonly error?: { message: string; reason?: string };
      readonly abandoned?: boolean;
      readonly silent?: true;
    };

/** Runs the program against B, which is restarted all the while. */
async function soak(
  b: B,
  flags: readonly string[],
): Promise<{ outcomes: Outcome[]; silent: string[]; samples: Sample[]; restarts: number }> {
  const program = path.join(import.meta.dirname, 'support/five-clients.mjs');
  const origins = JSON.stringify({ [b.http]: { idempotencyKeys: true }, [b.https]: { idempotencyKeys: true } });
  const budget = '{ "ratio": 1, "perSecond": 1000, "burst": 1000 }'; // so that the budget is not what is tested
  const child = spawn(process.execPath, ['--expose-gc', ...flags, program, `${SECONDS}`, b.http, b.https], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...bareEnvironment(),
      NODE_EXTRA_CA_CERTS: path.join(fixtures, 'ca.crt'),
      HOLDLINE_ORIGINS: origins,
      HOLDLINE_BUDGET: budget,
      HOLDLINE_UNKNOWN_IDLE_LIMIT_MS: '50',
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const outcomes: Outcome[] = [];
  const silent: string[] = [];
  const samples: Sample[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const told = JSON.parse(line) as Told;
    if ('sample' in told) return void samples.push(told.sample);
    const { id, kind, error, abandoned } = told;
    if (told.silent) return void silent.push(`${kind} ${id}`);
    outcomes.push({ id, kind, error: error && new Error(error.message), reason: error?.reason, abandoned });
  });
  const ended = new AbortController();
  const restarting = restartAgainAndAgain(b, ended.signal);
  await once(child, 'close');
  ended.abort();
  return { outcomes, silent, samples, restarts: await restarting };
}

/** Returns how often B was restarted. */
async function restartAgainAndAgain(b: B, ended: AbortSignal): Promise<number> {
  for (let restarts = 0; ; restarts++) {
    await pause(RESTART_EVERY_MS);
    if (ended.aborted) return restarts;
    await b.restart();
  }
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

/** Later than when all was compiled and warm, and at the end. */
function grown(samples: Sample[], of: keyof Sample): { from: number; to: number } {
  const quarter = samples.length >> 2;
  const values = samples.map((sample) => sample[of]);
  return { from: median(values.slice(quarter, 2 * quarter)), to: median(values.slice(-quarter)) };
}

/** The outcomes that a user would call failures: not those of requests that were given up. */
function surfacedIn(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ error, abandoned }) => error && !abandoned);
}

/** What `npm run soak` tells. */
function report(
  outcomes: readonly Outcome[],
  samples: Sample[],
  restarts: number,
  ledger: ReadonlyMap<string, Entry>,
): string {
  const entries = outcomes.map(({ id }) => ledger.get(id));
  const again = entries.filter((entry) => entry && entry.attempts > 1).length;
  const abandoned = outcomes.filter((outcome) => outcome.abandoned);
  const held = (['heapUsed', 'timers', 'descriptors'] as const).map((of) => {
    const { from, to } = grown(samples, of);
    return `${of} ${from} → ${to}`;
  });
  return [
    `${outcomes.length} requests in ${SECONDS} s, over ${restarts} restarts of B`,
    `${again} arrived twice, of which none was executed twice without a key`,
    `${surfacedIn(outcomes).length} surfaced, all of them POSTs without a key; ${abandoned.length} were given up`,
    `held, second quarter → last: ${held.join(', ')}`,
  ].join('\n');
}

test(
  'a program with five clients at once, unedited, bears a B that idles, restarts and dies over requests',
  async (ctx) => {
    ctx.skip(platform() !== 'linux', 'what the program holds is read from /proc');
    const b = await startB();
    onTestFinished(() => b.stop(), SECONDS * 500 + 30_000); // it has written a great deal
    const { outcomes, silent, samples, restarts } = await soak(b, [
      '--import',
      import.meta.resolve('holdline/register'),
    ]);

    expect(silent, 'neither answered nor failed').toEqual([]);
    expect(problemsIn(outcomes, b.ledger())).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(SECONDS * 50);
    expect(restarts).toBeGreaterThan(SECONDS / 2);
    expect(surfacedIn(outcomes).length, 'unkeyed POSTs that B executed').toBeGreaterThan(0);
    if (STATED !== undefined) console.log(report(outcomes, samples, restarts, b.ledger()));

    const heap = grown(samples, 'heapUsed');
    expect(heap.to, `heap from ${heap.from} bytes`).toBeLessThan(heap.from * 1.2 + 2_000_000);
    for (const of of ['timers', 'descriptors'] as const) {
      const { from, to } = grown(samples, of);
      expect(to, `${of}, from ${from}`).toBeLessThan(from * 1.5 + 20);
    }
  },
  (SECONDS + 60) * 1_000,
);
