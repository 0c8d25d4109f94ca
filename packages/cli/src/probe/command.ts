import { LiveLines } from '../terminal/live.js';
import { paintFor, WIDTH, wrap } from '../terminal/text.js';
import { judge } from './judge/judge.js';
import type { Questions } from './judge/report.js';
import { type ProbeOptions, settingsOf } from './options.js';
import { probe } from './probe.js';
import { type Judged, json } from './report/json.js';
import { initialState, liveText, nextState } from './report/live.js';
import { markdown } from './report/markdown.js';
import { briefLines, reportLines } from './report/screen.js';
import { parseTarget } from './target.js';

/** What `holdline probe` was asked for. */
export interface ProbeCommandOptions {
  readonly urls: readonly string[];
  readonly probe: ProbeOptions;
  readonly questions: Questions;
  readonly output: 'screen' | 'json' | 'markdown';
  /** The client that a snippet is wanted for. */
  readonly client?: string;
}

/** Ends of the command: in order; a mismatch with what was expected; could not be measured. */
const EXIT_CODES = { 'in-order': 0, mismatch: 1, 'not-measured': 2 } as const;
const REDRAW_EVERY_MS = 100;
/** Above this each URL is told briefly. */
const MOST_IN_FULL = 1;

/**
 * Probes, shows what is going on where somebody looks, and prints what was found.
 *
 * @returns The exit code.
 * @throws RangeError where a URL or an option cannot be used.
 */
export async function runProbe(
  options: ProbeCommandOptions,
  signal: AbortSignal,
  stdout = process.stdout,
): Promise<number> {
  const { urls, output } = options;
  const { maxWaitMs } = settingsOf(options.probe);
  const names = urls.map((url) => parseTarget(url, options.probe).url);
  const live = output === 'screen' && stdout.isTTY ? new LiveLines(stdout) : undefined;
  let state = initialState(names, maxWaitMs);
  const draw = () => live?.draw(liveText(state, performance.now(), stdout.columns || WIDTH, stdout.rows || 24));
  const timer = live && setInterval(draw, REDRAW_EVERY_MS);
  const judged: Judged[] = [];
  try {
    draw();
    for await (const event of probe(urls, { ...options.probe, signal })) {
      if (event.type === 'measured')
        judged.push({ observation: event.observation, report: judge(event.observation, options.questions) });
      state = nextState(state, event, performance.now());
    }
  } finally {
    clearInterval(timer);
    live?.clear();
  }
  // As given, however long each took.
  judged.sort((one, other) => names.indexOf(one.report.url) - names.indexOf(other.report.url));
  stdout.write(print(judged, options, stdout));
  const outcomes = judged.map(({ report }) => report.outcome);
  const worst = outcomes.includes('mismatch')
    ? 'mismatch'
    : outcomes.includes('not-measured')
      ? 'not-measured'
      : 'in-order';
  return EXIT_CODES[worst];
}

function print(judged: readonly Judged[], { output, client }: ProbeCommandOptions, stdout: NodeJS.WriteStream): string {
  if (output === 'json') return `${json(judged)}\n`;
  if (output === 'markdown') return judged.map(({ report }) => markdown(report, client)).join('\n');
  const width = Math.min(WIDTH, stdout.isTTY && stdout.columns ? stdout.columns : WIDTH);
  const screen = { paint: paintFor(stdout), width, ...(client !== undefined && { client }) };
  const brief = judged.length > MOST_IN_FULL;
  const lines = judged.flatMap(({ report }) => (brief ? briefLines : reportLines)(report, screen));
  const more = brief ? [...wrap('One URL alone is told in full, with the code to paste.', 2, width), ''] : [];
  return `\n${[...lines, ...more].join('\n')}\n`;
}
