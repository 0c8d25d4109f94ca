import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished } from 'vitest';
import { type HangUp, isHangUpError } from '../../src/index.js';
import { wait } from './support.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const TRIALS = 60;
/** So many POSTs must have hung up that B executed, or nothing was shown. */
const ENOUGH = 5;
const LIMIT_MS = 1_000;

/**
 * B ends TLS and reads on: it executes what comes then, and dies. The kernel has not acknowledged the request when A
 * sees the end, for it delays that; only the state of the connection shows that no FIN came.
 */
export async function endsTlsAndReadsOn() {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const identity = { key: fixture('server.key'), cert: fixture('server.crt') };
  const b = new Worker(new URL('fixtures/b-that-ends-tls.cjs', import.meta.url), {
    workerData: { ended, ...identity },
  });
  onTestFinished(() => void b.terminate());
  const [port] = (await once(b, 'message')) as [number];
  const executed: string[] = [];
  b.on('message', (path: string) => executed.push(path));

  /** A moment before A writes; its event loop cannot hear of it. */
  function endTls(): void {
    const before = Atomics.load(ended, 0);
    b.postMessage('end TLS');
    Atomics.wait(ended, 0, before, LIMIT_MS);
  }

  /** Sends POSTs each just as B ends TLS: none may be sent again. `post` has to call {@link endTls}. */
  async function judge(get: () => Promise<unknown>, post: (path: string) => Promise<unknown>): Promise<void> {
    const hangUps: HangUp[] = [];
    for (let trial = 0; trial < TRIALS && Math.min(hangUps.length, executed.length) < ENOUGH; trial++) {
      for (let i = 0; i < 4; i++) await get();
      const failure = await post(`/${trial}`).catch((error: Error) => error);
      const error = failure instanceof Error && failure.message === 'fetch failed' ? failure.cause : failure;
      // on a slow machine A may have seen the close_notify before it wrote
      if (isHangUpError(error) && error.hangUp.reused) hangUps.push(error.hangUp);
      await wait(5); // what B has executed, it tells a moment later
    }
    expect(executed, 'executed twice').toEqual([...new Set(executed)]);
    expect(Math.min(hangUps.length, executed.length)).toBeGreaterThanOrEqual(ENOUGH);
    expect(new Set(hangUps.map(({ reason }) => reason))).toEqual(new Set(['no-evidence']));
  }
  return { origin: `https://localhost:${port}`, port, ca: fixture('ca.crt'), endTls, judge };
}
