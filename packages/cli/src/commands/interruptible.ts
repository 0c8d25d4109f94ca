const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs a command that can be ended by Ctrl-C, by a signal, or by a reader that goes away, and sets the exit code: what it
 * returns, or what the signal stands for.
 */
export async function interruptible(run: (signal: AbortSignal) => Promise<number>): Promise<void> {
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
