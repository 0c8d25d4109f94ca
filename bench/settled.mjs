// Of a process that was started with --expose-gc: garbage is gone.

/** What was closed goes in several steps, some of which wait for the loop. */
export async function settled() {
  for (let step = 0; step < 8; step++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    globalThis.gc();
  }
}
