import { Command, InvalidArgumentError } from 'commander';
import { chaos } from '../chaos/chaos.js';
import { BadOptions, type ChaosOptions } from '../chaos/settings.js';
import type { Address } from '../lab/roles.js';
import { durationOf, integerOf } from './arguments.js';

const HELP = `
Without a fault it only passes everything on. Durations: 250ms, 5s or 10m.

  holdline chaos --to http://127.0.0.1:3000 --listen 8080 --close-idle 5s

Ctrl-C is how it ends: it prints what it came to, and exits with 0.`;

/** `holdline chaos`: the link of the lab and its faults, for any client and any server. */
export function chaosCommand(): Command {
  return new Command('chaos')
    .description('Put a faulty link between any client and any server.')
    .requiredOption('--to <url>', 'the server: scheme, host and port')
    .option('--listen <[host:]port>', 'where clients find it (default: a free port)', addressOf)
    .option('--delay <duration>', 'carry everything this late, each way', durationOf)
    .option('--jitter <duration>', 'up to this much later still, in order', durationOf)
    .option('--close-idle <duration>', 'close a connection that was idle this long', durationOf)
    .option('--max-requests <count>', 'close after so many requests, unannounced', countOf)
    .option('--rst', 'close by a RST instead of a FIN')
    .option('--408', 'close with a 408 before the FIN')
    .option('--half-close-idle <duration>', 'send FIN after this idle time, and answer nothing more', durationOf)
    .option('--drop-idle <duration>', 'lose everything after this idle time, without a word', durationOf)
    .option('--delay-fin <duration>', 'hold back every FIN this long', durationOf)
    .option('--split-at <byte>', 'cut each answer in two', countOf)
    .option('--split-pause <duration>', 'between the two (default: 50ms)', durationOf)
    .option('--duration <duration>', 'end by itself after this time', durationOf)
    .option('--seed <integer>', 'draw other jitter', (text) => integerOf(text, 0), 1)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (options: ChaosOptions) => {
      const abort = new AbortController();
      const end = () => abort.abort();
      // Not `once`: npm and the terminal both send the signal, and the second must not cut the totals off.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
      // Nobody reads any more (`holdline chaos | head`).
      process.stdout.on('error', end);
      try {
        await chaos(options, process.stdout, abort.signal);
      } catch (error) {
        if (!(error instanceof BadOptions)) throw error;
        process.stderr.write(`holdline: ${error.message}\n`);
        process.exitCode = 2;
      }
    });
}

function countOf(text: string): number {
  return integerOf(text, 1);
}

function addressOf(text: string): Address {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) throw new InvalidArgumentError('expected a port up to 65535, or host:port.');
  return { host: match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port };
}
