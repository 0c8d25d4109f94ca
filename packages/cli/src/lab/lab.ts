import { cpus } from 'node:os';
import { basename, relative } from 'node:path';
import { monotonicMs } from '../clock.js';
import { paintFor, WIDTH, wrap } from '../terminal/text.js';
import { scriptClient } from './clients/index.js';
import { parts as allParts } from './parts.js';
import { type Parts, runSuite, type Stage } from './run.js';
import { countsText, roundLine, roundName, summaryText } from './screen.js';
import { openStore } from './store.js';
import type { Names, Suite } from './suite.js';
import { findSuite, listSuites } from './suite-file.js';
import type { Verdict } from './summary.js';

/** What `holdline lab run` was asked for. */
export interface LabOptions {
  readonly suite: string;
  /** Runs the rounds whose id fits only. */
  readonly only?: RegExp;
  readonly seed: number;
  /** Left out: a folder of the date in `holdline-lab`. */
  readonly out?: string;
  readonly json: boolean;
  /** Ids; empty for all that the suite names. */
  readonly clients: readonly string[];
  /** The command of a client of the user's. */
  readonly clientScript?: string;
}

/** The exit code that says a run's verdict. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, fail: 1, unknown: 3 };

/** What is wrong with what was typed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The names that a suite's file may use. */
export function namesOf({ servers, faults, clients }: Parts): Names {
  const ids = (members: readonly { readonly id: string }[]) => members.map(({ id }) => id);
  return { servers: ids(servers), faults: ids(faults), clients: ids(clients) };
}

/**
 * Runs a suite and prints what it found.
 *
 * @returns The exit code.
 */
export async function lab(options: LabOptions, signal: AbortSignal, stdout = process.stdout): Promise<number> {
  const parts = withScript(allParts, options.clientScript);
  const suite = narrowed(findSuite(options.suite, namesOf(parts)), options.only);
  checkClients(options.clients, parts);
  const startedAt = new Date().toISOString();
  const directory =
    options.out ?? `holdline-lab/${suite.name}-${startedAt.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
  const store = openStore(directory);
  const paint = paintFor(stdout);
  const display = options.json ? undefined : showStages(stdout);
  try {
    const about = {
      commandLine: commandLineOf(options),
      startedAt,
      machine: { platform: `${process.platform}-${process.arch}`, cpus: cpus().length },
      versions: { node: process.versions.node },
    };
    const { seed, clients: onlyClients } = options;
    const summary = await runSuite(
      { suite, parts, seed, onlyClients, store, about },
      (stage) => {
        display?.tell(stage);
        if (stage.stage === 'note') display?.print(wrap(stage.text));
        if (stage.stage === 'judged') display?.print(roundLine(stage, paint));
      },
      signal,
    );
    display?.stop();
    if (options.json) stdout.write(`${JSON.stringify(summary)}\n`);
    else stdout.write(`${summaryText(summary, relative('.', directory) || '.', paint).join('\n')}\n`);
    return EXIT_CODES[summary.verdict];
  } finally {
    display?.stop();
    store.close();
  }
}

/** All suites that come with the lab, in words. */
export function suitesText(): string[] {
  const suites = listSuites(namesOf(allParts));
  return suites.map(
    (suite) => `  ${suite.name.padEnd(10)}${suite.description} (${suite.rounds.length} rounds, ${lasts(suite)})`,
  );
}

function lasts({ rounds }: Suite): string {
  const minutes = rounds.reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000;
  return minutes < 1 ? `${Math.ceil(minutes * 60)} s` : `${Math.ceil(minutes)} min`;
}

/** As it could be typed again, without the paths of this machine. */
function commandLineOf({ suite, only, seed, clients, clientScript }: LabOptions): string[] {
  return [
    ...['holdline', 'lab', 'run', basename(suite)],
    ...(only ? ['--only', only.source] : []),
    ...['--seed', String(seed)],
    ...(clients.length > 0 ? ['--clients', clients.join(',')] : []),
    ...(clientScript === undefined
      ? []
      : [
          '--client-script',
          clientScript
            .split(' ')
            .map((word) => basename(word))
            .join(' '),
        ]),
  ];
}

function withScript(parts: Parts, command: string | undefined): Parts {
  return command === undefined ? parts : { ...parts, clients: [...parts.clients, scriptClient(command)] };
}

function narrowed(suite: Suite, only: RegExp | undefined): Suite {
  if (!only) return suite;
  const rounds = suite.rounds.filter(({ id }) => only.test(id));
  if (rounds.length > 0) return { ...suite, rounds };
  throw new UsageError(
    `--only ${only.source} fits no round of ${suite.name}, expected one of ${suite.rounds.map(({ id }) => id).join(', ')}`,
  );
}

function checkClients(chosen: readonly string[], { clients }: Parts): void {
  const known = ['all', 'bare', 'holdline', ...clients.map(({ id }) => id)];
  const unknown = chosen.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new UsageError(`--clients ${unknown.join(',')}: expected ${known.join(', ')}`);
}

const REDRAW_EVERY_MS = 200;

/** A line redrawn on a terminal; elsewhere only the lines that stay. */
function showStages(stream: NodeJS.WriteStream) {
  let now: Extract<Stage, { stage: 'starting' }> | undefined;
  let counts = '';
  let beganMs = monotonicMs();
  const clear = () => stream.isTTY && stream.write('\r\x1b[2K');
  const draw = () => {
    if (!now || !stream.isTTY) return;
    const elapsed = `${Math.floor((monotonicMs() - beganMs) / 1_000)}/${Math.ceil(now.round.durationMs / 1_000)} s`;
    const line = `  ${now.number}/${now.of} ${roundName({ ...now.round, workload: now.round.workload.id })} ${elapsed} ${counts}`;
    stream.write(`\r\x1b[2K${line.slice(0, (stream.columns ?? WIDTH) - 1)}`);
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  return {
    tell(stage: Stage) {
      if (stage.stage === 'counting') counts = countsText(stage.counts);
      if (stage.stage !== 'starting') return;
      now = stage;
      counts = '';
      beganMs = monotonicMs();
    },
    print(lines: readonly string[]) {
      clear();
      stream.write(lines.map((line) => `${line}\n`).join(''));
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}
