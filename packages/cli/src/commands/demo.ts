import { Command, InvalidArgumentError } from 'commander';
import { demo } from '../demo/demo.js';

interface Options {
  readonly fast: boolean;
  readonly json: boolean;
  readonly seed: number;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** `holdline demo`: the incident, reproduced and cured. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Reproduce "socket hang up" with real processes, and see it cured (under a minute).')
    .option('--fast', 'scale the idle limit of B down: about 12 s', false)
    .option('--json', 'print one JSON object and nothing else', false)
    .option('--seed <integer>', 'draw other traffic', seedOf, 1)
    .action(async (options: Options) => {
      const abort = new AbortController();
      const interrupt = (signal: NodeJS.Signals) => {
        process.exitCode = SIGNALS[signal as keyof typeof SIGNALS];
        abort.abort();
      };
      // Not `once`: npm and the terminal both send the signal, and the second must not cut the cleaning up short.
      for (const signal of Object.keys(SIGNALS)) process.on(signal, interrupt);
      // Nobody reads any more (`holdline demo | head`, a closed terminal): clean up, as for Ctrl-C.
      process.stdout.on('error', () => {
        process.exitCode ??= 1;
        abort.abort();
      });
      try {
        const exitCode = await demo(options, abort.signal);
        process.exitCode ??= exitCode;
      } catch (error) {
        if (!abort.signal.aborted) throw error;
      }
    });
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError('Expected a whole number from 0.');
  return seed;
}
