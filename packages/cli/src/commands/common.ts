import { InvalidArgumentError } from 'commander';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs what gives an exit code, until it is done or a signal ends it: then it cleans up, and the exit code says so. */
export async function untilInterrupted(run: (signal: AbortSignal) => Promise<number>): Promise<void> {
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
    const exitCode = await run(abort.signal);
    process.exitCode ??= exitCode;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
}

/** Reads `--seed`. */
export function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError('Expected a whole number from 0.');
  return seed;
}
