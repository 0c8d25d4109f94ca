import { monotonicMs } from '../clock.js';
import { paintFor } from '../terminal/text.js';
import { type IncidentOptions, runIncident } from './incident.js';
import { showProgress, stageText } from './progress.js';
import { openingText, reportText } from './report.js';

/** What `holdline demo` was asked for. */
export interface DemoOptions extends IncidentOptions {
  /** One JSON object on stdout, and nothing else. */
  readonly json: boolean;
}

/**
 * Runs the demo and prints what it found.
 *
 * @returns The exit code: 0 if every criterion holds, 1 if not.
 */
export async function demo(options: DemoOptions, signal: AbortSignal, stdout = process.stdout): Promise<number> {
  if (options.json) {
    const summary = await runIncident(options, () => {}, signal);
    stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.ok ? 0 : 1;
  }
  const paint = paintFor(stdout);
  const display = showProgress(stdout, monotonicMs);
  try {
    display.print(openingText(paint));
    const summary = await runIncident(
      options,
      (stage) => {
        const lines = stageText(stage);
        if (lines.length > 0) display.print(lines);
        display.tell(stage);
      },
      signal,
    );
    display.stop();
    display.print(reportText(summary, paint));
    return summary.ok ? 0 : 1;
  } finally {
    display.stop();
  }
}
